-- Which streams deserve a look?
with found as (
    select 'stream.dropped' as rule, case when ended_how = 'failed' then 'error' else 'warning' end as severity,
           coalesce(name, media_session_id) as subject,
           role || ' dropped after ' || round(coalesce(lived_s, 0))::bigint || ' s: ' || coalesce(nullif(end_info, ''), ended_how) as says,
           source_id, line, byte_offset, case when ended_how = 'failed' then 1 else 2 end as grade, started_at as began_at, session_key
    from chosen_streams where dropped and ended_how <> 'publisher_gone'
    union all
    select 'stream.failed_to_start', case when cause in ('not_found', 'client_misuse') then 'notice' else 'warning' end,
           coalesce(name, media_session_id), role || ' did not start: ' || coalesce(nullif(end_info, ''), 'no reason told'), source_id, line,
           byte_offset, case when cause in ('not_found', 'client_misuse') then 5 else 3 end, requested_at, session_key
    from chosen_streams where outcome = 'failed_to_start'
    union all
    select 'stream.vanished', 'warning', coalesce(name, media_session_id),
           role || ' has no end; last heard of ' || round(observed_s)::bigint || ' s after it was first', source_id, line, byte_offset, 4,
           started_at, session_key
    from chosen_streams where outcome = 'vanished'
    union all
    select 'stream.slow_start', 'notice', coalesce(name, media_session_id), role || ' took ' || round(startup_ms / 1000, 1) || ' s to start',
           source_id, line, byte_offset, 6, requested_at, session_key
    from chosen_streams where startup_ms > 10000
    union all
    select 'stream.flapping', 'notice', name, 'published ' || count(*) || ' times within ten minutes',
           arg_min(source_id, (requested_at, byte_offset)), arg_min(line, (requested_at, byte_offset)),
           arg_min(byte_offset, (requested_at, byte_offset)), 7, min(requested_at), arg_min(session_key, (requested_at, byte_offset))
    from chosen_streams where role = 'publish' and requested_at is not null and name is not null
    group by name, time_bucket(interval 10 minutes, requested_at)
    having count(*) >= 3
)
select rule, severity, subject, says, source_id, line, byte_offset, session_key
from found
order by grade, began_at, source_id, byte_offset
