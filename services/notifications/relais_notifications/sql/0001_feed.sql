-- What goes out: one row per event and set of recipients, followed by (txid, position) below the oldest open
-- transaction; and what telling must remember of earlier events.

create table feed (
    position bigint generated always as identity primary key,
    txid xid8 not null default pg_current_xact_id(),
    event_id text not null,
    type text not null,
    case_id text not null,
    partner text,
    operator text,
    territories text[],         -- every territory of the commune: coordinators follow one of them
    event bytea not null        -- the CloudEvent as structured JSON, as feed and webhooks give it
);
create index feed_partner on feed (partner, txid, position) where partner is not null;
create index feed_operator on feed (operator, txid, position) where operator is not null;
create index feed_coordinator on feed (txid, position) where territories is not null;

create table transferred (
    case_id text primary key,
    operator text not null,
    former text[] not null
);

create table contact_reader (
    case_id text,
    partner text,
    primary key (case_id, partner)
);

create table handed_on (
    handoff text primary key,
    partner text not null
);
