-- How many transfers of these calls were decided, and how many failed?
select part($by, node := c.node_id, app := c.app_key, browser := c.browser, os := c.os, direction := c.direction,
            provider := c.media_provider, began_at := c.invited_at) as part,
       count(*) filter (where t.outcome <> 'open') as decided, count(*) filter (where t.outcome = 'failed') as not_completed
from transfers t
join chosen_calls c on c.call_key = t.call_key
group by part
order by part
