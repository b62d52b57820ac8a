-- Which streams has one session, and which has whoever published what it may have played?
with own as (
    select stream_key, name
    from own_stream_hooks
    where session_key = $session or session_id = $session
)
select stream_key from own
union
select stream_key
from own_stream_hooks
where name in (select name from own) and (hook in ('publishStream', 'unPublishStream') or published or media_type = 'publish')
