-- Until when does the capture tell of each node?
select coalesce(node_id, '') as node_id, max(coalesce(sent_at, answered_at)) as last_at
from every_hook
group by coalesce(node_id, '')
