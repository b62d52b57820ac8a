-- Which session does a source belong to: by the folder or name that the server gave it, or since an event names the file?
with names as (
    select source_id, replace(replace(concat_ws('/', path, member), '!', '/'), '\', '/') as name from facts.source_names
),
told as (
    -- what stands in a name for a session: its id, with other marks in the place of those that no file name may hold
    select source_id, name,
           trim(regexp_replace(
               coalesce(nullif(regexp_extract(name, '/\d{4}-\d\d-\d\d/([^/]+)-\d\d-\d\d-\d\d/[^/]*$', 1), ''),
                        nullif(regexp_extract(name, '(?:^|/)client-([^/]+)-\d{4}(?:\.\d\d){5}-\d{13}\.report', 1), '')),
               '[^0-9A-Za-z]+', '_', 'g'), '_') as session_told
    from names
),
sessions_known as (
    select distinct coalesce(r.life_key, h.session_key) as session_key, h.session_id, h.node_id,
           trim(regexp_replace(h.session_id, '[^0-9A-Za-z]+', '_', 'g'), '_') as plain
    from every_hook h
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key
    where h.session_id is not null
),
known as (
    select session_key, session_id, node_id, plain from sessions_known
    union
    -- an id may begin with a pair of addresses, which no folder can be named after, and end with a UUID
    select session_key, session_id, node_id, regexp_extract(plain, '_([0-9A-Fa-f]{8}(?:_[0-9A-Fa-f]{4}){3}_[0-9A-Fa-f]{12})$', 1)
    from sessions_known
),
named as (
    -- files that an event of a session names
    select coalesce(r.life_key, h.session_key) as session_key, h.session_id, h.node_id,
           regexp_extract(coalesce(h.report_file, h.file), '[^/\\]+$') as file
    from stored.diagnostic_hooks h
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key and h.sent_at >= r.from_at
        and (r.until_at is null or h.sent_at < r.until_at)
    where coalesce(h.report_file, h.file, '') <> '' and h.half is distinct from 'answer'
),
links as (
    select t.source_id, k.session_key, k.session_id, k.node_id, 'folder' as linked_by
    from told t
    join known k on k.plain = t.session_told
    union all
    select p.source_id, n.session_key, n.session_id, n.node_id, 'file'
    from (select source_id, unnest(string_split(name, '/')) as part from told) p
    join named n on n.file = p.part
)
-- where a name may mean more than one session, it tells none
select source_id, case when count(distinct session_key) = 1 then max(session_key) end as session_key,
       case when count(distinct session_id) = 1 then max(session_id) end as session_id,
       case when count(distinct node_id) = 1 then max(node_id) end as node_id, min(linked_by) as linked_by
from links
group by source_id
