-- When was debugging of a session on, and which file came of it?
with told as (
    select h.source_id, h.line, h.byte_offset, h.place, coalesce(r.life_key, h.session_key) as session_key, h.session_id, h.node_id,
           h.sent_at, h.hook, h.file, h.hook = 'SessionDebugStatusEvent' and h.status = 'STARTED' as starts,
           h.hook = 'SessionDebugStatusEvent' and h.status = 'STOPPED' as stops,
           h.hook = 'sessionDebug' and h.command = 'start' as asks
    from stored.diagnostic_hooks h
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key and h.sent_at >= r.from_at
        and (r.until_at is null or h.sent_at < r.until_at)
    where h.half is distinct from 'answer' and h.hook in ('sessionDebug', 'SessionDebugStatusEvent')
),
numbered as (
    -- a window begins with a start after a stop; told twice, an event stays in its window
    select *, count(*) filter (where opens) over (partition by session_key order by sent_at, place
                                                  rows between unbounded preceding and current row) as nth
    from (select *, (starts or asks) and lag(stops, 1, true) over (partition by session_key order by sent_at, place) as opens
          from told)
),
windows as (
    select session_key, nth, arg_min(source_id, (sent_at, place)) as source_id,
           arg_min(line, (sent_at, place)) as line, arg_min(byte_offset, (sent_at, place)) as byte_offset,
           max(session_id) as session_id, max(node_id) as node_id, min(sent_at) filter (where asks) as requested_at,
           min(sent_at) filter (where starts) as started_at, min(sent_at) filter (where stops) as stopped_at,
           max(nullif(file, '')) as file
    from numbered
    group by session_key, nth
    having bool_or(starts or stops or asks)
)
select w.source_id, w.line, w.byte_offset, w.session_key, w.session_id, w.node_id, w.requested_at, w.started_at, w.stopped_at,
       us_between(w.started_at, w.stopped_at) / 1e6 as lasted_s, w.file,
       (select count(distinct n.source_id)
        from facts.source_names n
        where list_contains(string_split(replace(replace(concat_ws('/', n.path, n.member), '!', '/'), '\', '/'), '/'),
                            regexp_extract(w.file, '[^/\\]+$'))) as n_files_read
from windows w
