-- Where did three or more calls and streams of one node fail for one cause, none more than five seconds after the one before?
-- Viewers that their publisher took down are its failure, not some of their own.
with failures as (
    select 'call' as about, node_id, cause, ended_at as failed_at, session_key, source_id, line, byte_offset, call_key as key
    from chosen_calls
    where ended_at is not null and (outcome in ('ineffective', 'media_failed', 'failed') or dropped)
    union all
    select 'stream', node_id, cause, ended_at, session_key, source_id, line, byte_offset, stream_key
    from chosen_streams
    where ended_at is not null and (outcome in ('failed', 'failed_to_start') or dropped) and ended_how <> 'publisher_gone'
),
spaced as (
    select *, coalesce(failed_at > before_at + interval 5 seconds, true) as is_first
    from (select *, lag(failed_at) over (partition by node_id, cause order by failed_at, key) as before_at from failures)
),
waves as (
    select *, count(*) filter (where is_first) over (partition by node_id, cause order by failed_at, key) as wave from spaced
)
select min(failed_at) as began_at, us_between(min(failed_at), max(failed_at)) / 1e6 as lasted_s, node_id, cause,
       count(*) as failures, count(*) filter (where about = 'call') as calls, count(*) filter (where about = 'stream') as streams,
       count(distinct session_key) as sessions, arg_min(session_key, (failed_at, key)) as session_key,
       arg_min(source_id, (failed_at, key)) as source_id, arg_min(line, (failed_at, key)) as line,
       arg_min(byte_offset, (failed_at, key)) as byte_offset
from waves
group by node_id, cause, wave
having count(*) >= 3
order by failures desc, began_at, node_id, cause
