-- How many streams were up at once, hour by hour?
with edges as (
    select started_at as at_instant, 1 as step from chosen_streams where started_at is not null
    union all
    select coalesce(ended_at, last_seen_at), -1 from chosen_streams where started_at is not null
),
running as (
    -- at equal times ends come first
    select at_instant, sum(step) over (order by at_instant, step rows unbounded preceding) as up from edges
)
select date_trunc('hour', at_instant) as hour_at, max(up)::bigint as most_at_once
from running
where at_instant is not null
group by date_trunc('hour', at_instant)
order by hour_at
