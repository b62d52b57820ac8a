-- How many calls were made again within a minute of the end of one between the same two?
with ordered as (
    select part($by, node := node_id, app := app_key, browser := browser, os := os, direction := direction,
                provider := media_provider, began_at := invited_at) as part,
           invited_at, coalesce(ended_at, last_seen_at) as over_at, caller, callee, call_key
    from chosen_calls
    where caller is not null and callee is not null and not left_truncated
),
followed as (
    select part, invited_at <= lag(over_at) over (partition by caller, callee order by invited_at, call_key) + interval 60 seconds as is_repeat
    from ordered
)
select part, count(*) as calls, count(*) filter (where is_repeat) as repeats
from followed
group by part
order by part
