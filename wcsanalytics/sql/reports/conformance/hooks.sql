-- Which hooks were there, and how were they answered?
select hook, kind, count(*) as hooks, count(*) filter (where answer = 'none') as unanswered,
       count(*) filter (where answer = 'error') as errors, count(*) filter (where answer = 'changed') as changed,
       quantile_cont(latency_ms, 0.5) as latency_p50_ms, quantile_cont(latency_ms, 0.95) as latency_p95_ms
from hooks
where ($since is null or sent_at >= $since) and ($until is null or sent_at < $until) and ($node is null or node_id = $node)
  and ($app is null or app_key = $app) and answer <> 'orphan'
group by hook, kind
order by hooks desc, hook
