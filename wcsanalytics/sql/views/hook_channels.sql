-- Which formats tell hooks of each session, stream and call?
with told as (
    select h.session_key, h.stream_key, h.call_key, s.format
    from hooks h
    join facts.sources s on s.source_id = h.source_id
)
select 'session' as about, session_key as own_key, string_agg(distinct format, ', ' order by format) as formats
from told
where session_key is not null
group by session_key
union all
select 'stream', stream_key, string_agg(distinct format, ', ' order by format) from told where stream_key is not null group by stream_key
union all
select 'call', call_key, string_agg(distinct format, ', ' order by format) from told where call_key is not null group by call_key
