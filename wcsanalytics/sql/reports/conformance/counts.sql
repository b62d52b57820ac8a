-- How much of the traffic keeps the rules?
select (select count(*) from chosen_sessions) + (select count(*) from chosen_streams) + (select count(*) from chosen_calls) as objects,
       count(*) as faults, count(distinct object_key) as violating, count(*) filter (where rule = 'unanswered') as unanswered,
       count(*) filter (where rule = 'backend_error') as errors, count(*) filter (where rule = 'unknown_hook') as unknown_hooks
from all_faults
