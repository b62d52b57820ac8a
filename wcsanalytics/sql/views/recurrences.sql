-- Which keys were used anew, and from when to when is each later life?
with edges as (
    -- the hooks that begin or end a life
    select session_key as base_key, 'session' as about, sent_at, place, source_id, byte_offset, half, hook = 'connect' as opens,
           hook = 'ConnectionStatusEvent' and status in ('DISCONNECTED', 'FAILED') as closes
    from stored.connection_hooks
    where half is distinct from 'answer' and session_key is not null and sent_at is not null
    union all
    select stream_key, 'stream', sent_at, place, source_id, byte_offset, half,
           hook in ('publishStream', 'playStream', 'playHLS', 'playRTSP'),
           hook = 'StreamStatusEvent' and status in ('UNPUBLISHED', 'STOPPED', 'FAILED')
    from stored.stream_hooks
    where half is distinct from 'answer' and stream_key is not null and sent_at is not null
    union all
    select call_key, 'call', sent_at, place, source_id, byte_offset, half, hook in ('call', 'OnCallEvent'),
           hook = 'CallStatusEvent' and status in ('FINISH', 'BUSY', 'FAILED')
    from stored.call_hooks
    where half is distinct from 'answer' and call_key is not null and sent_at is not null
),
suspects as (
    -- only what is asked for again, or after an end, can be used anew: few keys are looked at closely
    select base_key, about
    from edges
    where opens or closes
    group by base_key, about
    having count(*) filter (where opens) > 1
        or max(sent_at) filter (where opens) >= min(sent_at) filter (where closes)
),
openings as (
    select e.base_key, e.about, e.sent_at, e.opens, lag(e.closes, 1, false) over edge_order as after_end,
           lag(e.sent_at) over edge_order as before_at,
           max(case when e.opens and e.half = 'send' and p.send_offset is null then e.sent_at end)
             over (edge_order rows between unbounded preceding and 1 preceding) as unanswered_at
    from edges e
    join suspects s on s.base_key = e.base_key and s.about = e.about
    left join paired_halves p on p.send_source_id = e.source_id and p.send_offset = e.byte_offset
    where e.opens or e.closes
    window edge_order as (partition by e.about, e.base_key order by e.sent_at, e.place)
),
lives as (
    select base_key, about, sent_at as from_at,
           lead(sent_at) over (partition by about, base_key order by sent_at) as until_at
    from openings
    -- what is asked again within a minute of no answer is a retry, be the end told in between or not; so is a connect within
    -- a minute of the one before; later it is another client at the same address
    where opens and coalesce(sent_at > unanswered_at + interval 60 seconds, true)
      and (after_end or (about = 'session' and sent_at > before_at + interval 60 seconds))
)
select about, base_key, from_at, until_at, base_key || '-' || epoch_ms(from_at) as life_key
from lives
