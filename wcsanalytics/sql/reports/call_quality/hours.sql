-- How did the calls and streams of each hour fare?
with begun as (
    select 'call' as about, date_trunc('hour', invited_at) as hour_at,
           outcome in ('ineffective', 'media_failed', 'failed') or coalesce(dropped, false) as is_bad
    from chosen_calls
    union all
    select 'stream', date_trunc('hour', coalesce(requested_at, started_at, last_seen_at)),
           outcome in ('failed', 'failed_to_start') or coalesce(dropped, false)
    from chosen_streams
),
busy as (
    select hour_at, lead(hour_at) over (order by hour_at) as next_at from begun where hour_at is not null group by hour_at
),
hours as (
    -- hours between, in which nothing began; a week of them is enough to show a gap
    select unnest(generate_series(hour_at, least(coalesce(next_at - interval 1 hour, hour_at), hour_at + interval 167 hours),
                                  interval 1 hour)) as hour_at
    from busy
)
select h.hour_at, count(*) filter (where about = 'call') as calls, count(*) filter (where about = 'call' and is_bad) as bad_calls,
       count(*) filter (where about = 'stream') as streams, count(*) filter (where about = 'stream' and is_bad) as bad_streams,
       count(*) filter (where is_bad) as bad
from hours h
left join begun b on b.hour_at = h.hour_at
group by h.hour_at
order by h.hour_at
