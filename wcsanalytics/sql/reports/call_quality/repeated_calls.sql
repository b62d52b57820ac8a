-- Which calls were made within a minute of the end of one between the same two? The other leg of a call is no repeat.
select call_key
from (select call_key, invited_at,
             lag(coalesce(ended_at, last_seen_at)) over (partition by direction, caller, callee order by invited_at, call_key) as last_over_at
      from chosen_calls
      where caller is not null and callee is not null)
where invited_at <= last_over_at + interval 60 seconds
