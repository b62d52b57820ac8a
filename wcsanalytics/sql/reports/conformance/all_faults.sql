-- Where does the traffic break the rules that WCS follows?
with reopened as (
    -- streams of which a status may follow the end: only their records need be put in order
    select stream_key
    from own_stream_hooks
    where hook = 'StreamStatusEvent'
    group by stream_key
    having bool_or(sent_at is null)
        or min(sent_at) filter (where status in ('UNPUBLISHED', 'STOPPED', 'FAILED'))
           <= max(sent_at) filter (where status in ('PENDING', 'PUBLISHING', 'PLAYING', 'PAUSED'))
),
stream_order as (
    select h.stream_key, coalesce(t.name, t.media_session_id) as subject, h.session_key, h.hook, h.status, h.source_id, h.line,
           h.byte_offset,
           lag(h.hook = 'StreamStatusEvent' and h.status in ('UNPUBLISHED', 'STOPPED', 'FAILED'))
             over (partition by h.stream_key order by h.nth) as after_end
    from own_stream_hooks h
    join chosen_streams t on t.stream_key = h.stream_key
    where h.stream_key in (select stream_key from reopened)
      and (h.hook in ('publishStream', 'playStream') or (h.hook = 'StreamStatusEvent'
           and h.status in ('PENDING', 'PUBLISHING', 'PLAYING', 'PAUSED', 'UNPUBLISHED', 'STOPPED', 'FAILED')))
),
legs as (
    select c.call_key, c.session_key, c.outcome, c.invited_at, c.source_id, c.line, c.byte_offset, e.last_at,
           case c.direction when 'in' then 'call from ' || coalesce(c.caller, c.call_id) else 'call to ' || coalesce(c.callee, c.call_id) end
             as subject
    from chosen_calls c
    left join capture_ends e on e.node_id = coalesce(c.node_id, '')
),
call_order as (
    select h.call_key, l.subject, h.session_key, h.hook, h.status, h.source_id, h.line, h.byte_offset,
           lag(h.hook = 'CallStatusEvent' and h.status in ('FINISH', 'BUSY', 'FAILED'))
             over (partition by h.call_key order by h.nth) as after_end
    from own_call_hooks h
    join legs l on l.call_key = h.call_key
    where h.hook in ('call', 'OnCallEvent', 'CallStatusEvent')
),
stream_facts as (
    select t.stream_key, t.session_key, coalesce(t.name, t.media_session_id) as subject, t.role, t.outcome, t.requested_at, t.started_at,
           t.source_id, t.line, t.byte_offset, t.left_truncated, e.last_at
    from chosen_streams t
    left join capture_ends e on e.node_id = coalesce(t.node_id, '')
),
unasked as (
    -- streams whose first hook is not the one that asks for them
    select f.subject, f.role, f.session_key, f.stream_key,
           arg_min({'source_id': h.source_id, 'line': h.line, 'byte_offset': h.byte_offset}, h.nth) as first
    from stream_facts f
    join own_stream_hooks h on h.stream_key = f.stream_key
    where f.left_truncated
    group by f.subject, f.role, f.session_key, f.stream_key
),
odd_hooks as materialized (
    -- the few that break a rule by themselves, so that the many are looked through once
    select h.*, coalesce(h.hook, 'unknown') as subject, e.last_at,
           h.status is not null and h.hook in (select hook from facts.statuses)
             and not exists (select 1 from facts.statuses k where k.hook = h.hook and k.status = h.status) as has_unknown_status
    from chosen_hooks h
    left join capture_ends e on e.node_id = coalesce(h.node_id, '')
    where h.kind = 'unknown' or h.answer in ('error', 'none', 'orphan') or has_unknown_status
)
select 'unknown_hook' as rule, 'notice' as severity, subject, 'a hook of this name is not known' as says, source_id, line, byte_offset,
       session_key, null as object_key
from odd_hooks
where kind = 'unknown' and hook is not null and answer is distinct from 'orphan'
union all
select 'unknown_status', 'notice', subject, 'status ' || status || ' is not known', source_id, line, byte_offset, session_key, null
from odd_hooks
where has_unknown_status and answer is distinct from 'orphan'
union all
select 'out_of_order', 'warning', subject, 'status ' || status || ' after the end of the stream', source_id, line, byte_offset,
       session_key, stream_key
from stream_order
where after_end and hook = 'StreamStatusEvent' and status in ('PENDING', 'PUBLISHING', 'PLAYING', 'PAUSED')
union all
select 'out_of_order', 'warning', subject, 'status ' || status || ' after the end of the call', source_id, line, byte_offset,
       session_key, call_key
from call_order
where after_end and hook = 'CallStatusEvent' and status not in ('FINISH', 'BUSY', 'FAILED')
union all
select 'missing_event', 'warning', subject, role || ' was asked for and no status followed', source_id, line, byte_offset, session_key,
       stream_key
from stream_facts
where outcome in ('open', 'vanished') and started_at is null and us_between(requested_at, last_at) > 60_000_000
union all
select 'missing_event', 'warning', subject, 'no status followed', source_id, line, byte_offset, session_key, call_key
from legs l
where outcome = 'open' and us_between(invited_at, last_at) > 60_000_000
  and not exists (select 1 from own_call_hooks h where h.call_key = l.call_key and h.hook = 'CallStatusEvent')
union all
select 'missing_method', 'warning', u.subject, u.role || ' has a status, but the hook that asks for it is missing', h.source_id, h.line,
       h.byte_offset, u.session_key, u.stream_key
from unasked u
join stored.stream_hooks h on h.source_id = u.first.source_id and h.byte_offset = u.first.byte_offset
where h.created_at >= (select min(first_at) from facts.sources)
union all
select 'unterminated', 'warning', subject, role || ' has no end, and nothing more was heard of it', source_id, line, byte_offset,
       session_key, stream_key
from stream_facts
where outcome = 'vanished'
union all
select 'unterminated', 'warning', coalesce(nullif(split_part(session_id, '/', 2), ''), session_id),
       'the session has no end, and nothing more was heard of it', source_id, line, byte_offset, session_key, session_key
from chosen_sessions
where outcome = 'vanished'
union all
select 'backend_error', 'error', subject, coalesce(error, 'the backend failed'), source_id, line, byte_offset, session_key, null
from odd_hooks
where answer = 'error'
union all
-- an answer may still come when the capture ends
select 'unanswered', 'notice', subject, 'the backend''s answer is not in the capture', source_id, line, byte_offset, session_key, null
from odd_hooks
where answer = 'none' and us_between(sent_at, last_at) > 15_000_000
union all
select 'orphan_answer', 'notice', subject, 'an answer whose request is not in the capture', source_id, line, byte_offset, session_key,
       null
from odd_hooks
where answer = 'orphan'
