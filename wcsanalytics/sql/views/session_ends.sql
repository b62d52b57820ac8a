-- When was each session first and last heard of, and when was its end told?
with told as (
    select coalesce(r.life_key, h.session_key) as session_key, h.sent_at, h.hook, h.status, h.info, h.node_id
    from every_hook h
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key and h.sent_at >= r.from_at
        and (r.until_at is null or h.sent_at < r.until_at)
    where h.half is distinct from 'answer' and h.session_key is not null
)
select session_key, min(sent_at) as first_seen_at, max(sent_at) as last_seen_at, count(*) as n_hooks,
       min(sent_at) filter (where hook = 'ConnectionStatusEvent' and status = 'ESTABLISHED') as established_at,
       max(sent_at) filter (where hook = 'ConnectionStatusEvent' and status in ('DISCONNECTED', 'FAILED')) as ended_at,
       arg_max(status, sent_at) filter (where hook = 'ConnectionStatusEvent' and status in ('DISCONNECTED', 'FAILED')) as end_status,
       arg_max(info, sent_at) filter (where hook = 'ConnectionStatusEvent' and status in ('DISCONNECTED', 'FAILED')) as end_info,
       max(node_id) as node_id
from told
group by session_key
