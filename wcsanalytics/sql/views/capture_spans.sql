-- From when to when does each source tell hooks of each node?
select source_id, node_id, min(coalesce(sent_at, answered_at)) as first_at, max(coalesce(sent_at, answered_at)) as last_at
from every_hook
group by source_id, node_id
