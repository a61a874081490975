-- What coordinators, operators and partners see: one row per hand-off and per step, kept while they live and after.
-- Every open row stands in exactly one list, the list of what is awaited now; closed rows have none.

CREATE TABLE board_case (
    id text PRIMARY KEY,
    operator text NOT NULL,
    commune text NOT NULL,
    departement text NOT NULL,
    territories text[] NOT NULL,
    situation text NOT NULL,
    stage text,
    interviews integer NOT NULL,
    masked boolean,
    opened timestamptz NOT NULL,
    closed timestamptz
);
CREATE INDEX board_case_departement ON board_case (departement, opened);
CREATE INDEX board_case_operator ON board_case (operator, opened);

CREATE TABLE board_item (
    id text PRIMARY KEY,                 -- a hand-off's id, or <case>/<step>
    kind text NOT NULL,                  -- handoff, step
    case_id text NOT NULL,
    step text NOT NULL,
    attempt integer,
    operator text NOT NULL,
    partner text,
    offer text,
    actor text NOT NULL,
    need text NOT NULL,
    commune text NOT NULL,
    departement text NOT NULL,
    territories text[] NOT NULL,
    decision text,
    parent text,
    state text NOT NULL,
    owner text NOT NULL,
    next text,
    due timestamptz,
    escalated boolean NOT NULL,
    list text,
    sort timestamptz NOT NULL,           -- due, or the end of time
    opened timestamptz NOT NULL,
    changed timestamptz NOT NULL,
    ended timestamptz,
    answered timestamptz,
    in_time boolean,                     -- answered before its due date; false: too late, or lapsed
    reason text,
    caused_by text,
    outcome text,
    appointment json,
    request json
);
CREATE INDEX board_item_departement ON board_item (departement, list, sort, id) WHERE list IS NOT NULL;
CREATE INDEX board_item_everywhere ON board_item (list, sort, id) WHERE list IS NOT NULL;
CREATE INDEX board_item_operator ON board_item (operator, list, sort, id) WHERE list IS NOT NULL;
CREATE INDEX board_item_partner ON board_item (partner, list, sort, id) WHERE list IS NOT NULL AND partner IS NOT NULL;
CREATE INDEX board_item_case ON board_item (case_id);
CREATE INDEX board_item_ended ON board_item (partner, ended) WHERE ended IS NOT NULL AND partner IS NOT NULL;
CREATE INDEX board_item_answered ON board_item (departement, answered) WHERE answered IS NOT NULL;

CREATE TABLE timeline (
    case_id text NOT NULL,
    log text NOT NULL,                   -- case, chain
    sequence bigint NOT NULL,
    time timestamptz NOT NULL,
    type text NOT NULL,
    handoff text,
    data json NOT NULL,
    PRIMARY KEY (case_id, log, sequence)
);

CREATE TABLE organisation (
    id text PRIMARY KEY,
    name text NOT NULL,
    commune text NOT NULL,
    withdrawn boolean NOT NULL
);

CREATE TABLE board_offer (
    id text PRIMARY KEY,
    partner text NOT NULL,
    name text NOT NULL
);

-- What changed, for boards that are open: a board asks for what its snapshot could not see yet.
CREATE TABLE board_change (
    position bigserial PRIMARY KEY,
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT now(),
    kind text NOT NULL,                  -- item, case
    id text NOT NULL,
    left_operator text                   -- who no longer sees it, after a transfer
);
CREATE INDEX board_change_txid ON board_change (txid);
CREATE INDEX board_change_at ON board_change (at);

-- The newest change forgotten: a position before it needs a fresh snapshot.
CREATE TABLE board_forgotten (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    txid xid8 NOT NULL
);
INSERT INTO board_forgotten (txid) VALUES ('0');
