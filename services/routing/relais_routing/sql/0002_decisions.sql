-- What proves a decision: when its draw was committed, the event that seals its record, the directory it was made on.

alter table draw add column committed_at timestamptz;
update draw set committed_at = (select time from log where stream = 'draw/' || draw.day and version = 1);

-- `version` of the event in the chain's log that carries the record's digest (none: made before events did).
alter table decision add column version bigint, add column directory bigint;
update decision set directory = (convert_from(record, 'UTF8')::jsonb ->> 'directory')::bigint;
alter table decision alter column directory set not null;

-- Replaying walks through the versions of the directory once, from the first of the decisions since a day.
create index decision_directory on decision (directory, id);
create index decision_at on decision using brin (at);
