-- Which hooks were there, and how were they answered?
select hook, kind, count(*) as hooks, count(*) filter (where answer = 'none') as unanswered,
       count(*) filter (where answer = 'error') as errors, count(*) filter (where answer = 'changed') as changed,
       quantile_cont(latency_ms, 0.5) as latency_p50_ms, quantile_cont(latency_ms, 0.95) as latency_p95_ms
from chosen_hooks
where answer is distinct from 'orphan'
group by hook, kind
order by hooks desc, hook
