-- How long were answered calls up in each hour, and how many were answered in it, by whatever divides calls?
with talked as (
    -- what has no end goes on until the capture ends
    select c.node_id, c.app_key, c.browser, c.os, c.direction, c.media_provider, c.answered_at,
           greatest(coalesce(c.ended_at, e.last_at), c.answered_at) as until_at
    from chosen_calls c
    left join capture_ends e on e.node_id = coalesce(c.node_id, '')
    where c.answered_at is not null
),
in_hours as (
    select *, unnest(generate_series(date_trunc('hour', answered_at),
                                     date_trunc('hour', greatest(until_at - interval 1 microsecond, answered_at)),
                                     interval 1 hour)) as hour_at
    from talked
)
select node_id, app_key, browser, os, direction, media_provider, hour_at,
       sum(us_between(greatest(answered_at, hour_at), least(until_at, hour_at + interval 1 hour))) as busy_us,
       count(*) filter (where hour_at = date_trunc('hour', answered_at)) as answered
from in_hours
group by node_id, app_key, browser, os, direction, media_provider, hour_at
order by all
