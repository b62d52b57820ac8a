-- How did the calls and streams of each hour fare, and how many calls were up at once on average (Erlang)?
with begun as (
    select 'call' as about, date_trunc('hour', invited_at) as hour_at,
           outcome in ('ineffective', 'media_failed', 'failed') or coalesce(dropped, false) as is_bad
    from chosen_calls
    union all
    select 'stream', date_trunc('hour', coalesce(requested_at, started_at, last_seen_at)),
           outcome in ('failed', 'failed_to_start') or coalesce(dropped, false)
    from chosen_streams
),
counted as (
    select hour_at, count(*) filter (where about = 'call') as calls, count(*) filter (where about = 'call' and is_bad) as bad_calls,
           count(*) filter (where about = 'stream') as streams, count(*) filter (where about = 'stream' and is_bad) as bad_streams
    from begun
    where hour_at is not null
    group by hour_at
),
carried as (select hour_at, sum(busy_us) as busy_us from carried_traffic group by hour_at),
known as (select hour_at from counted union select hour_at from carried),
busy as (select hour_at, lead(hour_at) over (order by hour_at) as next_at from known),
hours as (
    -- hours between, in which nothing began; a week of them is enough to show a gap
    select unnest(generate_series(hour_at, least(coalesce(next_at - interval 1 hour, hour_at), hour_at + interval 167 hours),
                                  interval 1 hour)) as hour_at
    from busy
)
select h.hour_at, strftime(h.hour_at, '%Y-%m-%d') as day, hour(h.hour_at) as hour, coalesce(c.calls, 0) as calls,
       coalesce(c.bad_calls, 0) as bad_calls, coalesce(c.streams, 0) as streams, coalesce(c.bad_streams, 0) as bad_streams,
       coalesce(c.bad_calls + c.bad_streams, 0) as bad, (c.bad_calls + c.bad_streams) / nullif(c.calls + c.streams, 0) as bad_ratio,
       coalesce(t.busy_us, 0) / 3.6e9 as erlang
from hours h
left join counted c on c.hour_at = h.hour_at
left join carried t on t.hour_at = h.hour_at
order by h.hour_at
