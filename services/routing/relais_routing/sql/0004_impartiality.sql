-- What decisions add up to, so that the fairness of a year is read in no time.

-- The order in which decisions may be followed: by transaction, then by position, below the oldest open transaction.
alter table decision
    add column txid xid8 not null default pg_current_xact_id(),
    add column position bigint generated always as identity;
create index decision_order on decision (txid, position);

-- How far the count is; moved in the transaction that adds what was counted.
create table impartiality_cursor (
    singular boolean primary key default true check (singular),
    txid xid8 not null,
    position bigint not null
);
insert into impartiality_cursor (txid, position) values ('0', 0);

-- The sums (relais_routing.impartiality.counts): `expected` and `variance` in billionths.
create table impartiality_count (
    month date not null,
    kind text not null,
    territory text not null,
    name text not null,
    decisions bigint not null,
    received bigint not null,
    expected bigint not null,
    variance bigint not null,
    first timestamptz not null,
    primary key (month, kind, territory, name)
) with (fillfactor = 70);

-- What share of the tickets an operator's own group would have held, in billionths: measured once, on the directory and
-- the places as they were when the decision was counted.
create table impartiality_own (
    decision text primary key,
    share bigint not null
);
