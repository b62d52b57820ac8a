-- How many sessions were there, and which were refused, failed or vanished: of all, or of each part?
select part($by, node := node_id, app := app_key, browser := browser, os := os, began_at := coalesce(connected_at, first_seen_at)) as part,
       count(*) as chosen, count(*) filter (where outcome in ('refused', 'failed', 'vanished')) as bad_sessions
from chosen_sessions
group by part
order by part
