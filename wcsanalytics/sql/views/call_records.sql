-- What does cdr.log tell of calls that are over?
with timed as (
    select r.*, coalesce(r.invited_at, instant_of(r.invited_local_us, z.zone, coalesce(z.ahead_min, 0))) as at_invite,
           coalesce(r.answered_at, instant_of(r.answered_local_us, z.zone, coalesce(z.ahead_min, 0))) as at_answer,
           coalesce(r.ended_at, instant_of(r.ended_local_us, z.zone, coalesce(z.ahead_min, 0))) as at_end,
           coalesce(r.node_id, z.node_id) as node, coalesce(r.zone_by, z.zone_by) as told_zone_by
    from stored.call_records r
    join record_sources z on z.source_id = r.source_id
),
legs as (
    select call_key, arg_min(session_key, (sent_at, place)) as session_key, max(call_id) as call_id, max(node_id) as node_id,
           coalesce(bool_or(hook in ('OnCallEvent', 'answer') or incoming), false) as is_incoming,
           arg_min(nullif(caller, ''), (sent_at, place)) as caller, arg_min(nullif(callee, ''), (sent_at, place)) as callee,
           min(sent_at) as first_at, max(sent_at) as last_at
    from own_call_hooks
    group by call_key
),
likely as (
    -- the id is that of the SIP dialogue, which a call that came in has as its own; others are known by who, whom and when
    select t.source_id, t.byte_offset, l.call_key, l.session_key,
           (l.call_id is distinct from t.call_id, apart_s(t.at_invite, l.first_at, l.last_at), l.call_key) as rank
    from timed t
    join legs l on l.call_id = t.call_id and coalesce(l.node_id = t.node, true)
    union all
    select t.source_id, t.byte_offset, l.call_key, l.session_key,
           (l.call_id is distinct from t.call_id, apart_s(t.at_invite, l.first_at, l.first_at), l.call_key)
    from timed t
    join legs l on not l.is_incoming and l.caller = t.caller and l.callee = t.callee and coalesce(l.node_id = t.node, true)
    where l.first_at between t.at_invite - interval 5 seconds and t.at_invite + interval 5 seconds
),
owners as (
    select source_id, byte_offset,
           arg_min({'call_key': call_key, 'session_key': session_key}, rank) as owner
    from likely
    group by source_id, byte_offset
)
select t.source_id, t.line, t.byte_offset, coalesce(o.owner.call_key, t.call_key) as call_key, o.owner.session_key as session_key,
       t.node as node_id, t.caller, t.callee, t.call_id, t.at_invite as invited_at, t.at_answer as answered_at,
       t.at_end as ended_at, t.talk_s, t.disposition, t.told_zone_by as zone_by, t.extra
from timed t
left join owners o on o.source_id = t.source_id and o.byte_offset = t.byte_offset
