-- Truth of a service: what was decided (log), what a decision needs of it (snapshot), what was already answered or
-- applied (inbox, mark), what waits (parked), what could not be applied (dead_letter), how far the relay is (relay_cursor).

create table log (
    stream text not null,
    version bigint not null,
    position bigint generated always as identity,
    txid xid8 not null default pg_current_xact_id(),
    topic text,
    type text not null,
    subject text not null,
    time timestamptz not null,
    data bytea not null,
    causationid text,
    correlationid text,
    traceparent text,
    primary key (stream, version)
);
-- The order in which readers may follow the log: by transaction, then by position, below the oldest open transaction.
create index log_order on log (txid, position);

create table snapshot (
    stream text primary key,
    version bigint not null,
    state bytea not null
) with (fillfactor = 80);

create table inbox (
    org text not null,
    source text not null,
    id text not null,
    digest bytea not null,
    answer jsonb not null,
    received timestamptz not null,
    primary key (org, source, id)
);

create table mark (
    stream text primary key,
    sequence bigint not null,
    parked boolean not null default false,
    resume boolean not null default false
) with (fillfactor = 80);
create index mark_resume on mark (stream) where resume;
create index mark_parked on mark (stream) where parked;

create table parked (
    stream text not null,
    sequence bigint not null,
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    timestamp bigint not null,
    key bytea,
    value bytea,
    headers text not null,
    reason text not null,
    at timestamptz not null,
    primary key (stream, sequence)
);

create table dead_letter (
    id bigint generated always as identity primary key,
    txid xid8 not null default pg_current_xact_id(),
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    timestamp bigint not null,
    key bytea,
    value bytea,
    headers text not null,
    reason text not null,
    stream text,
    sequence bigint,
    at timestamptz not null,
    state text not null default 'open' check (state in ('open', 'again', 'replayed', 'discarded'))
);
create index dead_letter_order on dead_letter (txid, id);
create index dead_letter_state on dead_letter (state, id) where state in ('open', 'again');
create unique index dead_letter_place on dead_letter (stream, sequence) where stream is not null;
create unique index dead_letter_record on dead_letter (topic, partition, "offset", timestamp) where stream is null;

create table relay_cursor (
    log text primary key,
    txid xid8 not null,
    position bigint not null,
    epoch bigint not null default 0
);
