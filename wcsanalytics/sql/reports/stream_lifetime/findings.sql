-- Which streams deserve a look?
with found as (
    select 'stream.dropped' as rule, 'error' as severity, name as subject,
           role || ' was dropped after ' || round(coalesce(lived_s, 0)) || ' s: ' || coalesce(nullif(end_info, ''), ended_how) as says,
           source_id, line, byte_offset, 1 as grade, started_at as began_at
    from chosen_streams where dropped and ended_how <> 'publisher_gone'
    union all
    select 'stream.failed_to_start', 'warning', name, role || ' did not start: ' || coalesce(nullif(end_info, ''), 'no reason told'),
           source_id, line, byte_offset, 2, requested_at
    from chosen_streams where outcome = 'failed_to_start'
    union all
    select 'stream.vanished', 'warning', name, role || ' was last heard of at ' || strftime(last_seen_at, '%H:%M:%S') || ' and no end was told',
           source_id, line, byte_offset, 3, started_at
    from chosen_streams where outcome = 'vanished'
    union all
    select 'stream.slow_start', 'notice', name, role || ' took ' || round(startup_ms / 1000, 1) || ' s to start',
           source_id, line, byte_offset, 4, requested_at
    from chosen_streams where startup_ms > 10000
    union all
    select 'stream.flapping', 'notice', name, 'published ' || count(*) || ' times within ten minutes',
           arg_min(source_id, requested_at), arg_min(line, requested_at), arg_min(byte_offset, requested_at), 5, min(requested_at)
    from chosen_streams where role = 'publish' and requested_at is not null
    group by name, time_bucket(interval 10 minutes, requested_at)
    having count(*) >= 3
)
select rule, severity, subject, says, source_id, line, byte_offset
from found
order by grade, began_at, source_id, byte_offset
