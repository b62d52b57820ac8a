-- How many streams were up at once, hour by hour?
with edges as (
    select started_at as at_instant, 1 as step from chosen_streams where started_at is not null
    union all
    select coalesce(ended_at, last_seen_at), -1 from chosen_streams where started_at is not null
),
running as (
    -- at equal times ends come first
    select date_trunc('hour', at_instant) as hour_at, step, row_number() over edge_order as nth, sum(step) over edge_order as up
    from edges
    where at_instant is not null
    window edge_order as (order by at_instant, step rows unbounded preceding)
),
busy as (
    select hour_at, greatest(max(up), arg_min(up - step, nth))::bigint as most_at_once, arg_max(up, nth)::bigint as left_up,
           lead(hour_at) over (order by hour_at) as next_at
    from running
    group by hour_at
),
hours as (
    -- hours between, in which none began or ended; a week of them is enough to show a gap
    select most_at_once, left_up, hour_at as busy_at,
           unnest(generate_series(hour_at, least(coalesce(next_at - interval 1 hour, hour_at), hour_at + interval 167 hours),
                                  interval 1 hour)) as hour_at
    from busy
)
select hour_at, case when hour_at = busy_at then most_at_once else left_up end as most_at_once
from hours
order by hour_at
