-- Webhooks: who wants them (endpoint), what is owed (delivery, never deleted), what was tried (delivery_attempt), and
-- what the sender claims (lane: one row per endpoint and case with something owed, so that a case's order is kept).

create table endpoint (
    id uuid primary key,
    org text not null,
    role text not null check (role in ('partner', 'operator')),
    url text not null,
    description text not null,
    types text[],               -- none: every type
    max_in_flight smallint not null,
    secret bytea not null,      -- sealed
    secret_before bytea,        -- sealed; signs too until before_until
    before_until timestamptz,
    state text not null default 'enabled' check (state in ('enabled', 'disabled', 'gone', 'deleted')),
    created timestamptz not null,
    changed timestamptz not null
);
create index endpoint_org on endpoint (org, role) where state <> 'deleted';

create table endpoint_health (
    endpoint uuid primary key references endpoint,
    failures integer not null default 0,    -- in a row
    failing_since timestamptz,
    paused_until timestamptz,
    last_success timestamptz,
    last_failure timestamptz,
    last_error text
) with (fillfactor = 70);

create table delivery (
    id uuid primary key,        -- the webhook-id, the same at every attempt and replay
    endpoint uuid not null references endpoint,
    position bigint not null references feed,
    case_id text not null,
    event_id text not null,
    type text not null,
    state text not null default 'pending' check (state in ('pending', 'delivered', 'abandoned')),
    reason text,
    owed timestamptz not null,
    attempts integer not null default 0,    -- since owed
    done timestamptz,
    last_status integer,
    last_error text
) with (fillfactor = 80);
create index delivery_head on delivery (endpoint, case_id, position) where state = 'pending';
create index delivery_log on delivery (endpoint, position, id);
create index delivery_case on delivery (case_id);
create index delivery_pending on delivery (endpoint, position, id) where state = 'pending';
create index delivery_abandoned on delivery (endpoint, position, id) where state = 'abandoned';

create table delivery_attempt (
    delivery uuid not null references delivery,
    at timestamptz not null,
    milliseconds integer not null,
    status integer,
    error text
);
create index delivery_attempt_delivery on delivery_attempt (delivery, at);

create table lane (
    endpoint uuid not null references endpoint,
    case_id text not null,
    owed integer not null,      -- pending deliveries in it
    due timestamptz not null,   -- of its oldest delivery; while claimed, the end of the lease
    claim uuid,
    primary key (endpoint, case_id)
) with (fillfactor = 70);
create index lane_due on lane (endpoint, due);
create index lane_claimed on lane (endpoint, due) where claim is not null;

-- What the demo's summary and monitoring count.
create view delivery_count as
select count(*) as owed,
       count(*) filter (where state = 'delivered') as delivered,
       count(*) filter (where state = 'pending') as pending,
       count(*) filter (where state = 'abandoned') as abandoned
from delivery;
