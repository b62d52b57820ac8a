-- Which row of the server's event log tells of which hook that was captured?
with nearest as (
    -- of one session and name, each the nearest to the other and less than a second away
    select e.source_id, e.byte_offset, e.answered_at, us_between(e.sent_at, e.answered_at) / 1000.0 as latency_ms,
           h.source_id as hook_source_id, h.byte_offset as hook_byte_offset,
           row_number() over (partition by e.source_id, e.byte_offset
                              order by abs(us_between(e.sent_at, h.sent_at)), h.place) as event_rank,
           row_number() over (partition by h.source_id, h.byte_offset
                              order by abs(us_between(e.sent_at, h.sent_at)), e.place) as hook_rank
    from stored.hook_events e
    join every_hook h on h.hook = e.hook and h.session_id = e.session_id and h.half is distinct from 'answer'
        and abs(us_between(e.sent_at, h.sent_at)) < 1000000
)
select source_id, byte_offset, answered_at, latency_ms, hook_source_id, hook_byte_offset
from nearest
where event_rank = 1 and hook_rank = 1
