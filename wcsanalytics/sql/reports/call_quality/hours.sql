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
talked as (
    -- what has no end goes on until the capture ends
    select c.answered_at, coalesce(c.ended_at, e.last_at) as until_at
    from chosen_calls c
    left join capture_ends e on e.node_id = coalesce(c.node_id, '')
    where c.answered_at is not null
),
in_hours as (
    select unnest(generate_series(date_trunc('hour', answered_at), date_trunc('hour', until_at - interval 1 microsecond), interval 1 hour))
             as hour_at,
           answered_at, until_at
    from talked
    where until_at > answered_at
),
carried as (
    select hour_at, sum(us_between(greatest(answered_at, hour_at), least(until_at, hour_at + interval 1 hour))) as busy_us
    from in_hours
    group by hour_at
),
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
