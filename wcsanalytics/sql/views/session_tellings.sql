-- What do hooks and conndr.log tell of each session, and where do they differ?
-- A start may be the request or its end, and a record has whole seconds: 2 s more on either side is no difference.
with connections as (
    select session_key, min(sent_at) filter (where hook = 'connect') as connected_at, max(client_version) as client_version
    from own_connection_hooks
    group by session_key
),
told as materialized (
    select e.source_id, e.line, e.byte_offset, e.session_key, e.node_id, e.session_id, c.connected_at, c.client_version,
           e.established_at, e.ended_at, e.end_status
    from session_ends e
    left join connections c on c.session_key = e.session_key
),
written as materialized (
    select source_id, line, byte_offset, session_key, node_id, session_id, started_at, ended_at, lived_s, disposition
    from connection_records
),
records as (
    select session_key, min(source_id) as source_id, arg_min(line, source_id) as line, arg_min(byte_offset, source_id) as byte_offset,
           max(node_id) as node_id, max(session_id) as id, count(distinct (started_at, lived_s, disposition)) as n_records,
           min(started_at) as started_at, max(ended_at) as ended_at, max(lived_s) as lived_s,
           arg_min(disposition, (started_at, disposition)) as disposition
    from written
    group by session_key
),
files as (
    -- what a file leaves out can be told only between its records
    select r.source_id, r.node_id, bool_or(z.is_known) as is_known, min(r.ended_at) as first_at, max(r.ended_at) as last_at
    from written r
    join record_sources z on z.source_id = r.source_id
    group by r.source_id, r.node_id
),
unwritten as (
    -- a client that tells its version speaks WebSocket; encoders and HLS players don't
    select distinct s.session_key
    from told s
    join files f on f.is_known and coalesce(f.node_id = s.node_id, true) and s.ended_at between f.first_at and f.last_at
    where s.established_at is not null and s.client_version is not null
),
spans as materialized (select node_id, first_at, last_at from capture_spans),
unhooked as (
    select distinct r.session_key
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
           coalesce(s.node_id, r.node_id) as node_id, coalesce(s.session_id, r.id) as id, s.session_key is not null as by_hooks,
           r.session_key is not null as by_record, r.n_records, r.disposition,
           case when s.established_at is not null then s.end_status end as end_status, r.lived_s, r.started_at as record_start,
           s.connected_at as least_start, coalesce(s.established_at, s.ended_at) as greatest_start, s.ended_at as hooks_end
    from told s
    full join records r on r.session_key = s.session_key
)
select b.source_id, b.line, b.byte_offset, b.session_key, b.node_id, b.id, b.by_hooks, b.by_record,
       concat_ws('; ', case when not b.by_record and w.session_key is not null then 'record: conndr does not tell of it' end,
                 case when not b.by_hooks and h.session_key is not null then 'hooks: none tells of it' end,
                 case when b.n_records > 1 and b.by_hooks then 'record: conndr tells of it ' || b.n_records || ' times' end,
                 case when b.least_start is not null and apart_s(b.record_start, b.least_start, b.greatest_start) > 2
                      then 'start: conndr is ' || round(apart_s(b.record_start, b.least_start, b.greatest_start), 1) || ' s off' end,
                 case when b.lived_s < date_diff('second', b.greatest_start, b.hooks_end) - 2
                        or b.lived_s > date_diff('second', b.least_start, b.hooks_end) + 2
                      then 'duration: ' || date_diff('second', coalesce(b.greatest_start, b.least_start), b.hooks_end)
                           || ' s by hooks, ' || b.lived_s::bigint || ' s by conndr' end,
                 case when b.by_record and b.by_hooks and b.hooks_end is null
                      then 'end: none by hooks, ' || b.disposition || ' by conndr' end,
                 case when b.disposition <> b.end_status
                      then 'outcome: ' || b.end_status || ' by hooks, ' || b.disposition || ' by conndr' end) as differs
from compared b
left join unwritten w on w.session_key = b.session_key
left join unhooked h on h.session_key = b.session_key
