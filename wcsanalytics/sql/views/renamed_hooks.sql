-- Which hooks belong to a later life of a session, stream or call, and under which keys?
with later as (
    -- three searches: each reads nothing where no key was used anew
    select source_id, byte_offset, session_key, stream_key, call_key, coalesce(sent_at, answered_at) as happened_at
    from every_hook
    where session_key in (select base_key from recurrences where about = 'session')
    union
    select source_id, byte_offset, session_key, stream_key, call_key, coalesce(sent_at, answered_at)
    from every_hook
    where stream_key in (select base_key from recurrences where about = 'stream')
    union
    select source_id, byte_offset, session_key, stream_key, call_key, coalesce(sent_at, answered_at)
    from every_hook
    where call_key in (select base_key from recurrences where about = 'call')
)
select h.source_id, h.byte_offset, coalesce(rs.life_key, h.session_key) as session_key,
       coalesce(rm.life_key, h.stream_key) as stream_key, coalesce(rc.life_key, h.call_key) as call_key
from later h
left join recurrences rs on rs.about = 'session' and rs.base_key = h.session_key and h.happened_at >= rs.from_at
    and (rs.until_at is null or h.happened_at < rs.until_at)
left join recurrences rm on rm.about = 'stream' and rm.base_key = h.stream_key and h.happened_at >= rm.from_at
    and (rm.until_at is null or h.happened_at < rm.until_at)
left join recurrences rc on rc.about = 'call' and rc.base_key = h.call_key and h.happened_at >= rc.from_at
    and (rc.until_at is null or h.happened_at < rc.until_at)
