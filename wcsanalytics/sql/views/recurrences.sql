-- Which keys were used anew, and from when to when is each later life?
with edges as (
    -- the hooks that begin or end a life
    select session_key as base_key, 'session' as about, sent_at, place, hook = 'connect' as opens,
           hook = 'ConnectionStatusEvent' and status in ('DISCONNECTED', 'FAILED') as closes
    from stored.connection_hooks
    where half is distinct from 'answer' and session_key is not null and sent_at is not null
    union all
    select stream_key, 'stream', sent_at, place, hook in ('publishStream', 'playStream', 'playHLS', 'playRTSP'),
           hook = 'StreamStatusEvent' and status in ('UNPUBLISHED', 'STOPPED', 'FAILED')
    from stored.stream_hooks
    where half is distinct from 'answer' and stream_key is not null and sent_at is not null
    union all
    select call_key, 'call', sent_at, place, hook in ('call', 'OnCallEvent'),
           hook = 'CallStatusEvent' and status in ('FINISH', 'BUSY', 'FAILED')
    from stored.call_hooks
    where half is distinct from 'answer' and call_key is not null and sent_at is not null
),
openings as (
    select base_key, about, sent_at, opens, lag(closes, 1, false) over edge_order as after_end,
           lag(sent_at) over edge_order as before_at
    from edges
    where opens or closes
    window edge_order as (partition by about, base_key order by sent_at, place)
),
lives as (
    select base_key, about, sent_at as from_at,
           lead(sent_at) over (partition by about, base_key order by sent_at) as until_at
    from openings
    -- a second connect within a minute is a retry; later it is another client at the same address
    where opens and (after_end or (about = 'session' and sent_at > before_at + interval 60 seconds))
)
select about, base_key, from_at, until_at, base_key || '-' || epoch_ms(from_at) as life_key
from lives
