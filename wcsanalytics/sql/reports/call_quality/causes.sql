-- Why did calls and streams fail or drop?
select about, cause_group, cause, reason, sum(n)::bigint as n
from (select 'call' as about, cause_group, cause, coalesce(nullif(end_info, ''), 'SIP ' || sip_status, end_status, 'none told') as reason,
             1 as n
      from chosen_calls
      where outcome in ('ineffective', 'media_failed', 'failed', 'refused') or dropped
      union all
      select 'stream', cause_group, cause, coalesce(nullif(end_info, ''), end_status, 'none told'), 1
      from chosen_streams
      where outcome in ('failed', 'failed_to_start') or dropped)
group by about, cause_group, cause, reason
order by n desc, about, reason
