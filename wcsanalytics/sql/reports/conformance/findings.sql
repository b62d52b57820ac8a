-- Where are the rules broken?
select 'conformance.' || rule as rule, severity, subject, says, source_id, line, byte_offset, session_key
from all_faults
order by case severity when 'error' then 0 when 'warning' then 1 else 2 end, source_id, byte_offset, rule
limit 200
