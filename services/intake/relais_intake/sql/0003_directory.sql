-- What stands in the directory (withdrawn entries leave), who declared it and what it belongs to; the entries
-- themselves are in the log, at `version`.

create table directory_entry (
    stream text primary key,
    version bigint not null,
    org text not null,
    about text not null
) with (fillfactor = 80);
create index directory_entry_org on directory_entry (org, stream);
create index directory_entry_about on directory_entry (about);

with last as (
    select distinct on (stream) stream, version, type, convert_from(data, 'UTF8')::jsonb as data
    from log
    where split_part(stream, '/', 1) in ('partner', 'offer', 'places', 'closure')
    order by stream, version desc
)
insert into directory_entry (stream, version, org, about)
select stream, version, coalesce(data ->> 'declared_by', ''),
       case when stream like 'places/%' then 'offer/' || (data ->> 'offer') else 'partner/' || (data ->> 'partner') end
from last where type not like '%.withdrawn.v1';
