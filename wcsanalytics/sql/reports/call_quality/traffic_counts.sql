-- How many calls were up at once on average (Erlang), and in the busiest hour: of all, or of each part?
-- The average is over all hours from the first with calls to the last, for parts too, so that these add up.
with hours as (
    select date_trunc('hour', invited_at) as hour_at from chosen_calls where invited_at is not null
    union
    select hour_at from carried_traffic
),
span as (select us_between(min(hour_at), max(hour_at)) / 3.6e9 + 1 as n_hours from hours),
of_hours as (
    select part($by, node := node_id, app := app_key, browser := browser, os := os, direction := direction,
                provider := media_provider) as part,
           sum(busy_us) as busy_us, sum(answered) as answered
    from carried_traffic
    group by part, hour_at
)
select part, sum(busy_us) / 3.6e9 / any_value(n_hours) as erlang, max(busy_us) / 3.6e9 as busy_hour_erlang,
       sum(answered)::bigint as answered
from of_hours, span
group by part
order by part
