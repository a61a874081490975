-- Whose each case is now (rights are checked in SQL), and what is kept of the person: the contact and the notes,
-- sealed with the key named beside them, deleted at erasure.

create table held_case (
    "case" text primary key,
    operator text not null,
    commune text not null,
    territories text[] not null,
    closed boolean not null default false,
    erased boolean not null default false
) with (fillfactor = 80);

create table contact (
    "case" text primary key,
    key_id text not null,
    sealed bytea not null,
    updated timestamptz not null
);

create table note (
    id text primary key,
    "case" text not null,
    handoff text not null,
    role text not null,
    org text not null,
    key_id text not null,
    sealed bytea not null,
    written timestamptz not null
);
create index note_case on note ("case");
create index note_handoff on note (handoff);
