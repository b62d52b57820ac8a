-- Which streams have the sessions that are asked for, and which has whoever published what these may have played?
with sessions_asked as (
    select session_key
    from own_stream_hooks
    where session_key = $session or session_id = $session or stream_key = $stream or media_session_id = $stream
    union
    select session_key
    from own_call_hooks
    where call_key = $call or call_id = $call
),
own as (
    select stream_key, name
    from own_stream_hooks
    where session_key in (select session_key from sessions_asked) or stream_key = $stream or media_session_id = $stream
)
select stream_key from own
union
select stream_key
from own_stream_hooks
where name in (select name from own) and tells_publishing(hook, published, media_type)
