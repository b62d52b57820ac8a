-- What became of the calls, by direction?
select direction, outcome, count(*) as calls, count(*) / sum(count(*)) over (partition by direction) as share_ratio,
       quantile_cont(setup_ms, 0.5) as setup_p50_ms, exact_mean(talk_s) as talk_mean_s
from chosen_calls
group by direction, outcome
order by direction, calls desc, outcome
