-- Which lives had each media session id, by node, under which keys, and from when to when?
with bases as (
    select media_session_id, node_id, stream_key, max(session_key) as session_key,
           count(*) over (partition by media_session_id) = 1 as only_node
    from stored.stream_hooks
    where media_session_id is not null and stream_key is not null
    group by media_session_id, node_id, stream_key
),
later as (
    select base_key, from_at, until_at, life_key
    from recurrences
    where about = 'stream'
),
first_ends as (
    select base_key, min(from_at) as until_at
    from later
    group by base_key
)
select b.media_session_id, b.node_id, b.only_node, b.stream_key, b.session_key, null::timestamptz as from_at, f.until_at
from bases b
left join first_ends f on f.base_key = b.stream_key
union all
select b.media_session_id, b.node_id, b.only_node, l.life_key, b.session_key, l.from_at, l.until_at
from bases b
join later l on l.base_key = b.stream_key
