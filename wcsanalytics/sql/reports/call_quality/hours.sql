-- How did the calls and streams of each hour fare?
select date_trunc('hour', began_at) as hour_at, count(*) filter (where about = 'call') as calls,
       count(*) filter (where about = 'call' and is_bad) as bad_calls, count(*) filter (where about = 'stream') as streams,
       count(*) filter (where about = 'stream' and is_bad) as bad_streams
from (select 'call' as about, invited_at as began_at,
             outcome in ('ineffective', 'media_failed', 'failed') or coalesce(dropped, false) as is_bad
      from chosen_calls
      union all
      select 'stream', coalesce(requested_at, started_at, last_seen_at),
             outcome in ('failed', 'failed_to_start') or coalesce(dropped, false)
      from chosen_streams)
where began_at is not null
group by date_trunc('hour', began_at)
order by hour_at
