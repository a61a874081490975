-- Who looks for a place at a full offer, and who has waited longest for one.

-- From now on every hand-off holds a place, counted or not: what a later declaration leaves free is known then.
update place set number = 0
where place in (
    select distinct on (stream) substr(stream, 8) from directory_entry where stream like 'places/%'
    and convert_from(data, 'UTF8')::jsonb ->> 'state' = 'full' order by stream, version desc
);
update place p set taken = (select count(*) from reservation r where r.place = p.place), changed = pg_current_xact_id();

-- One row per full offer that somebody fitted; `asked`: its partner knows. Gone when places are opened.
create table demand (
    offer text primary key,
    since timestamptz not null,
    asked boolean not null default false
);
create index demand_to_ask on demand (offer) where not asked;
-- `person` is a digest of offer and case: it tells one person from another, not who it is.
create table looker (
    offer text not null references demand on delete cascade,
    need text not null,
    person bigint not null,
    primary key (offer, need, person)
);

-- Whoever has waited longest is looked at first.
alter table unmet add column since timestamptz;
update unmet set since = checked;
alter table unmet alter column since set not null;
drop index unmet_due;
create index unmet_due on unmet (since) where due is not null;
