-- What became of the streams, by role?
select role, outcome, ended_how, count(*) as streams, quantile_cont(startup_ms, 0.5) as startup_p50_ms,
       quantile_cont(lived_s, 0.5) as lived_p50_s, sum(keep_alives)::bigint as keep_alives
from chosen_streams
group by role, outcome, ended_how
order by role, streams desc, outcome, ended_how
