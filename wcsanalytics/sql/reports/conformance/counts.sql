-- How much of the traffic keeps the rules?
select (select count(*) from chosen_sessions) + (select count(*) from chosen_streams) + (select count(*) from chosen_calls) as objects,
       count(*) as faults, count(distinct object_key) as violating
from all_faults
