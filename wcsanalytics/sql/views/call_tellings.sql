-- What do hooks and cdr.log tell of each call, and where do they differ?
-- A record has whole seconds, and a start may be before or after the backend's answer: 2 s more on either side is no
-- difference. Of outcomes it is compared whether the call was answered: the other words mean different things.
with told as materialized (
    select source_id, line, byte_offset, session_key, call_key, node_id, call_id, invited_at, ringing_at, answered_at, ended_at,
           last_seen_at, outcome, left_truncated
    from calls
),
written as materialized (
    select source_id, line, byte_offset, session_key, call_key, node_id, call_id, invited_at, ended_at, talk_s, disposition
    from call_records
),
records as (
    select call_key, min(source_id) as source_id, arg_min(line, source_id) as line, arg_min(byte_offset, source_id) as byte_offset,
           max(session_key) as session_key, max(node_id) as node_id, max(call_id) as id,
           count(distinct (invited_at, talk_s, disposition)) as n_records, min(invited_at) as invited_at,
           max(ended_at) as ended_at, max(talk_s) as talk_s, arg_min(disposition, (invited_at, disposition)) as disposition
    from written
    group by call_key
),
files as (
    -- what a file leaves out can be told only between its records
    select source_id, node_id, min(ended_at) as first_at, max(ended_at) as last_at, bool_or(session_key is not null) as is_known
    from written
    group by source_id, node_id
),
unwritten as (
    -- what did not ring may never have come to SIP
    select distinct c.call_key
    from told c
    join files f on f.is_known and coalesce(f.node_id = c.node_id, true) and c.ended_at between f.first_at and f.last_at
    where c.outcome <> 'open' and (c.ringing_at is not null or c.answered_at is not null)
),
spans as materialized (select node_id, first_at, last_at from capture_spans),
unhooked as (
    select distinct r.call_key
    from records r
    join files f on f.source_id = r.source_id and f.is_known
    join spans a on coalesce(a.node_id = r.node_id, true)
        and r.invited_at between a.first_at - interval 5 seconds and a.last_at + interval 5 seconds
    join spans b on coalesce(b.node_id = r.node_id, true)
        and r.ended_at between b.first_at - interval 5 seconds and b.last_at + interval 5 seconds
),
compared as (
    select coalesce(c.source_id, r.source_id) as source_id, coalesce(c.line, r.line) as line,
           coalesce(c.byte_offset, r.byte_offset) as byte_offset, coalesce(c.session_key, r.session_key) as session_key,
           coalesce(c.call_key, r.call_key) as call_key, coalesce(c.node_id, r.node_id) as node_id, coalesce(c.call_id, r.id) as id,
           c.call_key is not null as by_hooks, r.call_key is not null as by_record, r.n_records, r.disposition, c.outcome, r.talk_s,
           r.invited_at as record_start, c.left_truncated, c.invited_at as least_start,
           coalesce(c.ringing_at, c.answered_at, c.ended_at, c.last_seen_at) as greatest_start,
           us_between(c.answered_at, c.ended_at) / 1e6 as hooks_talk_s
    from told c
    full join records r on r.call_key = c.call_key
)
select b.source_id, b.line, b.byte_offset, b.session_key, b.call_key, b.node_id, b.id, b.by_hooks, b.by_record,
       concat_ws('; ', case when not b.by_record and w.call_key is not null then 'record: cdr does not tell of it' end,
                 case when not b.by_hooks and h.call_key is not null then 'hooks: none tells of it' end,
                 case when b.n_records > 1 and b.by_hooks then 'record: cdr tells of it ' || b.n_records || ' times' end,
                 case when not b.left_truncated and apart_s(b.record_start, b.least_start, b.greatest_start) > 2
                      then 'start: cdr is ' || round(apart_s(b.record_start, b.least_start, b.greatest_start), 1) || ' s off' end,
                 case when abs(b.talk_s - b.hooks_talk_s) > 2
                      then 'duration: ' || round(b.hooks_talk_s)::bigint || ' s by hooks, ' || b.talk_s::bigint || ' s by cdr' end,
                 case when b.by_record and b.outcome = 'open' then 'end: open by hooks, ' || b.disposition || ' by cdr' end,
                 case when b.outcome <> 'open' and (b.outcome = 'answered') <> (b.disposition = 'ANSWERED')
                      then 'outcome: ' || b.outcome || ' by hooks, ' || b.disposition || ' by cdr' end) as differs
from compared b
left join unwritten w on w.call_key = b.call_key
left join unhooked h on h.call_key = b.call_key
