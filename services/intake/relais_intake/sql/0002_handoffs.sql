-- What routing has told (a projection of relais.handoffs), and what was asked of hand-offs and not answered yet.

create table handoff (
    id text primary key,
    "case" text not null,
    step text not null,
    attempt integer not null,
    partner text not null,
    offer text not null,
    actor text not null,
    need text not null,
    commune text not null,
    territories text[] not null,
    decision text not null,
    parent text,
    state text not null,
    owner text not null,
    next text,
    due timestamptz,
    said jsonb,
    request jsonb,
    appointment jsonb,
    sequence bigint not null
) with (fillfactor = 80);
create index handoff_case on handoff ("case");

create table chain_step (
    "case" text not null,
    step text not null,
    state text not null check (state in ('running', 'waiting', 'unmet', 'done', 'dropped')),
    why text,
    owner text not null,
    next text,
    due timestamptz,
    parent text,
    sequence bigint not null,
    primary key ("case", step)
) with (fillfactor = 80);

create table pending_action (
    "case" text not null,
    version bigint not null,
    handoff text not null,
    request bytea not null,
    primary key ("case", version)
);

create table consequence (
    cause text not null,
    event text not null,
    type text not null,
    handoff text,
    step text,
    state text,
    time timestamptz,
    primary key (cause, event)
);
