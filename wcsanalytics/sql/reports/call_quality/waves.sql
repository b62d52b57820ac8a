-- Where did several calls and streams of one node fail for one cause within seconds?
select w.began_at, w.lasted_s, w.node_id, w.cause, w.failures, w.calls, w.streams, w.sessions,
       s.path || coalesce('!' || s.member, '') || ':' || w.line as place
from failure_waves w
left join facts.sources s on s.source_id = w.source_id
order by w.failures desc, w.began_at, w.node_id, w.cause
