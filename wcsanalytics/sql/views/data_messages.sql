-- Which data was sent, and was it accepted?
with told as (
    select coalesce(r.life_key, h.session_key) as session_key, h.source_id, h.line, h.byte_offset, h.place, h.sent_at, h.hook,
           h.status, h.session_id, h.node_id, h.operation_id, h.payload
    from stored.data_hooks h
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key and h.sent_at >= r.from_at
        and (r.until_at is null or h.sent_at < r.until_at)
    where h.half is distinct from 'answer' and h.hook in ('OnDataEvent', 'DataStatusEvent')
)
select arg_min(source_id, (sent_at, place)) as source_id, arg_min(line, (sent_at, place)) as line,
       arg_min(byte_offset, (sent_at, place)) as byte_offset, session_key, max(session_id) as session_id,
       max(node_id) as node_id, max(operation_id) as operation_id,
       min(sent_at) filter (where hook = 'OnDataEvent') as sent_at,
       min(sent_at) filter (where hook = 'DataStatusEvent') as decided_at,
       us_between(min(sent_at) filter (where hook = 'OnDataEvent'),
                  min(sent_at) filter (where hook = 'DataStatusEvent')) / 1000.0 as took_ms,
       case when bool_or(status = 'FAILED') then 'failed' when bool_or(status = 'ACCEPTED') then 'accepted' else 'open' end as outcome,
       string_agg(status, ' ' order by sent_at, place) filter (where hook = 'DataStatusEvent') as status_path,
       arg_min(payload, (sent_at, place)) filter (where hook = 'OnDataEvent') as payload
from told
group by session_key, coalesce(operation_id, source_id || ':' || byte_offset)
