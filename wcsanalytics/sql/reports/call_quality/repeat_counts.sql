-- How many calls were made again within a minute of the end of one between the same two: of all, or of each part?
select part($by, node := c.node_id, app := c.app_key, browser := c.browser, os := c.os, direction := c.direction,
            provider := c.media_provider, began_at := c.invited_at) as part,
       count(*) as calls, count(r.call_key) as repeats
from chosen_calls c
left join repeated_calls r on r.call_key = c.call_key
where c.caller is not null and c.callee is not null and not c.left_truncated
group by part
order by part
