-- How often was each rule broken?
select rule, severity, count(*) as faults, count(distinct subject) as subjects, min(says) as example
from all_faults
group by rule, severity
order by case severity when 'error' then 0 when 'warning' then 1 else 2 end, faults desc, rule
