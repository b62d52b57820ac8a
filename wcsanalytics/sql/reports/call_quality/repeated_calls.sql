-- Which calls were made within a minute of the end of one between the same two?
select call_key
from (select call_key, invited_at,
             lag(coalesce(ended_at, last_seen_at)) over (partition by caller, callee order by invited_at, call_key) as last_over_at
      from chosen_calls
      where caller is not null and callee is not null)
where invited_at <= last_over_at + interval 60 seconds
