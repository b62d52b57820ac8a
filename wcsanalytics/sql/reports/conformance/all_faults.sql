-- Where does the traffic break the rules that WCS follows?
with window_hooks as (
    select * from hooks
    where ($since is null or sent_at >= $since) and ($until is null or sent_at < $until) and ($node is null or node_id = $node)
      and ($app is null or app_key = $app)
),
stream_order as (
    select stream_key, media_session_id, hook, status, source_id, line, byte_offset,
           lag(hook = 'StreamStatusEvent' and status in ('UNPUBLISHED', 'STOPPED', 'FAILED'))
             over (partition by stream_key order by sent_at, source_id, byte_offset) as after_end
    from window_hooks
    where family = 'stream' and answer <> 'orphan'
      and (hook in ('publishStream', 'playStream') or (hook = 'StreamStatusEvent'
           and status in ('PENDING', 'PUBLISHING', 'PLAYING', 'PAUSED', 'UNPUBLISHED', 'STOPPED', 'FAILED')))
),
call_order as (
    select call_key, call_id, hook, status, source_id, line, byte_offset,
           lag(hook = 'CallStatusEvent' and status in ('FINISH', 'BUSY', 'FAILED'))
             over (partition by call_key order by sent_at, source_id, byte_offset) as after_end
    from window_hooks
    where family = 'call' and answer <> 'orphan' and hook in ('call', 'OnCallEvent', 'CallStatusEvent')
),
stream_facts as (
    select t.stream_key, t.name, t.role, t.outcome, t.requested_at, t.started_at, t.end_status, t.source_id, t.line, t.byte_offset,
           t.left_truncated, e.last_at, h.created_at
    from chosen_streams t
    left join capture_ends e on e.node_id = coalesce(t.node_id, '')
    left join (select source_id, byte_offset, created_at from stored.stream_hooks) h
        on h.source_id = t.source_id and h.byte_offset = t.byte_offset
)
select 'unknown_hook' as rule, 'notice' as severity, hook as subject, 'a hook of this name is not known' as says, source_id, line,
       byte_offset
from window_hooks
where kind = 'unknown' and hook is not null and answer <> 'orphan'
union all
select 'unknown_status', 'notice', h.hook, 'status ' || h.status || ' is not known', h.source_id, h.line, h.byte_offset
from window_hooks h
where h.answer <> 'orphan' and h.status is not null and h.hook in (select hook from facts.statuses)
  and not exists (select 1 from facts.statuses k where k.hook = h.hook and k.status = h.status)
union all
select 'out_of_order', 'warning', media_session_id, 'status ' || status || ' after the end of the stream', source_id, line, byte_offset
from stream_order
where after_end and hook = 'StreamStatusEvent' and status in ('PENDING', 'PUBLISHING', 'PLAYING', 'PAUSED')
union all
select 'out_of_order', 'warning', call_id, 'status ' || status || ' after the end of the call', source_id, line, byte_offset
from call_order
where after_end and hook = 'CallStatusEvent' and status not in ('FINISH', 'BUSY', 'FAILED')
union all
select 'missing_event', 'warning', name, role || ' was asked for and no status followed', source_id, line, byte_offset
from stream_facts
where outcome in ('open', 'vanished') and started_at is null and requested_at is not null
  and requested_at < last_at - interval 60 seconds
union all
select 'missing_method', 'warning', name, role || ' has a status, but the hook that asks for it is missing', source_id, line, byte_offset
from stream_facts
where left_truncated and created_at >= (select min(first_at) from facts.sources)
union all
select 'unterminated', 'warning', name, role || ' has no end, and nothing more was heard of it', source_id, line, byte_offset
from stream_facts
where outcome = 'vanished'
union all
select 'unterminated', 'warning', session_id, 'the session has no end, and nothing more was heard of it', source_id, line, byte_offset
from chosen_sessions
where outcome = 'vanished'
union all
select 'backend_error', 'error', hook, coalesce(error, 'the backend failed'), source_id, line, byte_offset
from window_hooks
where answer = 'error'
union all
select 'unanswered', 'notice', hook, 'the backend''s answer is not in the capture', source_id, line, byte_offset
from window_hooks
where answer = 'none'
union all
select 'orphan_answer', 'notice', coalesce(hook, 'unknown'), 'an answer whose request is not in the capture', source_id, line, byte_offset
from window_hooks
where answer = 'orphan'
