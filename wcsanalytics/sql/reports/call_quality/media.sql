-- Which calls and streams were rated by their media and by which rules, which were not and why, and what made them poor?
select about, kind, direction, admission, rule_set, verdict, coalesce(poor_because, 'warned of ' || warned_because, why) as because, count(*) as n,
       quantile_cont(loss_ratio, 0.5) as loss_p50_ratio, quantile_cont(jitter_p95_ms, 0.5) as jitter_p50_ms,
       quantile_cont(rtt_p50_ms, 0.5) as rtt_p50_ms
from rated_media
group by about, kind, direction, admission, rule_set, verdict, because
order by about, kind, direction, admission, verdict, because
