-- Which calls went worst? Failures first, then drops, then the slowest to set up.
select invited_at, direction, caller, callee, outcome, case when dropped then 'dropped' else ended_how end as ended_how,
       coalesce(nullif(end_info, ''), 'SIP ' || sip_status) as reason, setup_ms, talk_s, call_id
from chosen_calls
where outcome in ('ineffective', 'media_failed', 'failed', 'refused') or dropped or setup_ms > 10000
order by case outcome when 'media_failed' then 0 when 'failed' then 1 when 'ineffective' then 2 when 'answered' then 3 else 4 end,
         setup_ms desc nulls last, invited_at, call_key
limit 20
