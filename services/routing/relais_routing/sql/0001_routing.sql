-- What routing keeps beside its log: what it knows of cases and of the directory, what is due, reserved, drawn, decided.

-- What the case's own log says, as far as a decision needs it (relais_routing.chain.case.Case, JSON).
create table known_case (
    case_id text primary key,
    operator text not null,
    commune text not null,
    state bytea not null
) with (fillfactor = 70);

-- Every entry of the directory ever taken in: the highest version of a stream is the one that holds, the others let an
-- old decision be made again. One counter row, which every worker follows.
create table directory_version (version bigint not null);
insert into directory_version values (0);
create table directory_entry (
    version bigint primary key,
    stream text not null,
    type text not null,
    data bytea not null,
    at timestamptz not null
);
create index directory_entry_stream on directory_entry (stream, version desc);

-- Places that are counted: free now = number - taken. `taken` = reservations proposed, or accepted after `at`.
create table place (
    place text primary key,
    number integer,
    at timestamptz not null,
    taken integer not null default 0 check (taken >= 0),
    changed xid8 not null default pg_current_xact_id()
) with (fillfactor = 70);
create index place_changed on place (changed);
create table reservation (
    handoff text primary key,
    place text not null,
    accepted timestamptz
);
create index reservation_place on reservation (place);

-- The next moment at which a chain's clocks have something to say.
create table clock (
    case_id text primary key,
    due timestamptz
) with (fillfactor = 70);
create index clock_due on clock (due) where due is not null;

-- Steps for which nobody was found; `due` is the directory version that may change it.
create table unmet (
    case_id text not null,
    step text not null,
    actor text not null,
    need text not null,
    commune text not null,
    due bigint,
    checked timestamptz not null,
    primary key (case_id, step)
);
create index unmet_need on unmet (actor, need);
create index unmet_due on unmet (checked) where due is not null;
create index unmet_checked on unmet (checked);

-- The day's draw secrets; nobody is shown one before its day is over.
create table draw (
    day date primary key,
    secret bytea not null,
    revealed boolean not null default false
);

-- Why a partner was proposed, or why nobody could be.
create table decision (
    id text primary key,
    case_id text not null,
    step text not null,
    at timestamptz not null,
    record bytea not null
);
create index decision_case on decision (case_id, step);
