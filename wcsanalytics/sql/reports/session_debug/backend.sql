-- How did the backend answer the hooks of the sessions?
select hook, count(*) as hooks, count(*) filter (where answer = 'none') as unanswered, count(*) filter (where answer = 'error') as errors,
       count(*) filter (where answer = 'changed') as changed, quantile_cont(latency_ms, 0.5) as latency_p50_ms,
       max(latency_ms) as latency_max_ms
from shown_hooks
group by hook
order by hooks desc, hook
