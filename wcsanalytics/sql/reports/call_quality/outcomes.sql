-- What became of the calls that were attempted, by direction?
select direction, outcome, decided_by, count(*) as calls, count(*) / sum(count(*)) over (partition by direction) as share_ratio,
       quantile_cont(setup_ms, 0.5) as setup_p50_ms, exact_mean(talk_s) as talk_mean_s
from chosen_calls
where not left_truncated
group by direction, outcome, decided_by
order by direction, calls desc, outcome, decided_by
