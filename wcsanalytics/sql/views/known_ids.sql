-- Which ids do hooks tell of, whose are they, and from when to when?
select 'stream' as about, media_session_id as id, node_id, stream_key, arg_min(session_key, nth) as session_key,
       null::varchar as call_key, min(sent_at) as first_at, max(sent_at) as last_at
from own_stream_hooks
group by media_session_id, node_id, stream_key
union all
select 'call', call_id, node_id, null, arg_min(session_key, nth), call_key, min(sent_at), max(sent_at)
from own_call_hooks
group by call_id, node_id, call_key
union all
select 'session', session_id, node_id, null, session_key, null, first_seen_at, last_seen_at
from session_ends
