-- When was each session first and last heard of, and when was its end told?
with told as (
    select coalesce(r.life_key, h.session_key) as session_key, h.source_id, h.line, h.byte_offset,
           order_of(h.sent_at, h.place) as nth, h.sent_at, h.info, h.status, h.node_id, h.app_key, h.session_id,
           h.hook = 'ConnectionStatusEvent' and h.status = 'ESTABLISHED' as begins,
           h.hook = 'ConnectionStatusEvent' and h.status in ('DISCONNECTED', 'FAILED') as ends
    from every_hook h
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key and h.sent_at >= r.from_at
        and (r.until_at is null or h.sent_at < r.until_at)
    where h.half is distinct from 'answer' and h.session_key is not null
)
select session_key, arg_min(source_id, nth) as source_id, arg_min(line, nth) as line,
       arg_min(byte_offset, nth) as byte_offset, any_value(session_id) as session_id, max(node_id) as node_id,
       max(app_key) as app_key, min(sent_at) as first_seen_at, max(sent_at) as last_seen_at, count(*) as n_hooks,
       min(sent_at) filter (where begins) as established_at, max(sent_at) filter (where ends) as ended_at,
       arg_max(status, nth) filter (where ends) as end_status,
       arg_max(info, nth) filter (where ends) as end_info
from told
group by session_key
