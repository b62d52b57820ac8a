-- What do hooks and sdr.log tell of each stream, and where do they differ?
-- A start may be the request or the first media, and a record has whole seconds: 2 s more on either side is no difference.
with told as materialized (
    select source_id, line, byte_offset, session_key, stream_key, node_id, media_session_id, media_provider, requested_at, started_at,
           ended_at, outcome, end_status, left_truncated
    from streams
),
written as materialized (
    select source_id, line, byte_offset, session_key, stream_key, node_id, media_session_id, media_provider, started_at, ended_at, lived_s,
           disposition
    from stream_records
),
records as (
    select stream_key, min(source_id) as source_id, arg_min(line, source_id) as line, arg_min(byte_offset, source_id) as byte_offset,
           max(session_key) as session_key, max(node_id) as node_id, max(media_session_id) as id,
           count(distinct (started_at, lived_s, disposition)) as n_records,
           min(started_at) as started_at, max(ended_at) as ended_at, max(lived_s) as lived_s,
           arg_min(disposition, (started_at, disposition)) as disposition
    from written
    group by stream_key
),
files as (
    -- what a file leaves out can be told only between its records, and of media providers of which it tells at all
    select r.source_id, r.node_id, bool_or(z.is_known) as is_known, min(r.ended_at) as first_at, max(r.ended_at) as last_at,
           list(distinct r.media_provider) as providers
    from written r
    join record_sources z on z.source_id = r.source_id
    group by r.source_id, r.node_id
),
unwritten as (
    select distinct s.stream_key
    from told s
    join files f on f.is_known and coalesce(f.node_id = s.node_id, true) and s.ended_at between f.first_at and f.last_at
        and list_contains(f.providers, s.media_provider)
    where s.outcome not in ('open', 'vanished')
),
spans as materialized (select node_id, first_at, last_at from capture_spans),
unhooked as (
    select distinct r.stream_key
    from records r
    join files f on f.source_id = r.source_id and f.is_known
    join spans a on coalesce(a.node_id = r.node_id, true)
        and r.started_at between a.first_at - interval 5 seconds and a.last_at + interval 5 seconds
    join spans b on coalesce(b.node_id = r.node_id, true)
        and r.ended_at between b.first_at - interval 5 seconds and b.last_at + interval 5 seconds
),
compared as (
    select coalesce(s.source_id, r.source_id) as source_id, coalesce(s.line, r.line) as line,
           coalesce(s.byte_offset, r.byte_offset) as byte_offset, coalesce(s.session_key, r.session_key) as session_key,
           coalesce(s.stream_key, r.stream_key) as stream_key, coalesce(s.node_id, r.node_id) as node_id,
           coalesce(s.media_session_id, r.id) as id, s.stream_key is not null as by_hooks, r.stream_key is not null as by_record,
           r.n_records, r.disposition, s.end_status, s.outcome, r.lived_s, r.started_at as record_start, r.ended_at as record_end,
           coalesce(s.requested_at, s.started_at) as least_start, coalesce(s.started_at, s.ended_at) as greatest_start,
           case when not s.left_truncated then s.ended_at end as hooks_end, s.left_truncated
    from told s
    full join records r on r.stream_key = s.stream_key
)
select b.source_id, b.line, b.byte_offset, b.session_key, b.stream_key, b.node_id, b.id, b.by_hooks, b.by_record,
       concat_ws('; ', case when not b.by_record and w.stream_key is not null then 'record: sdr does not tell of it' end,
                 case when not b.by_hooks and h.stream_key is not null then 'hooks: none tells of it' end,
                 case when b.n_records > 1 and b.by_hooks then 'record: sdr tells of it ' || b.n_records || ' times' end,
                 case when not b.left_truncated and apart_s(b.record_start, b.least_start, b.greatest_start) > 2
                      then 'start: sdr is ' || round(apart_s(b.record_start, b.least_start, b.greatest_start), 1) || ' s off' end,
                 case when b.lived_s < date_diff('second', b.greatest_start, b.hooks_end) - 2
                        or b.lived_s > date_diff('second', b.least_start, b.hooks_end) + 2
                      then 'duration: ' || date_diff('second', coalesce(b.greatest_start, b.least_start), b.hooks_end)
                           || ' s by hooks, ' || b.lived_s::bigint || ' s by sdr' end,
                 case when b.by_record and b.by_hooks and b.outcome in ('open', 'vanished')
                      then 'end: ' || b.outcome || ' by hooks, ' || b.disposition || ' by sdr' end,
                 case when b.disposition <> b.end_status
                      then 'outcome: ' || b.end_status || ' by hooks, ' || b.disposition || ' by sdr' end) as differs
from compared b
left join unwritten w on w.stream_key = b.stream_key
left join unhooked h on h.stream_key = b.stream_key
