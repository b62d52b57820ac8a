-- Why did calls and streams fail or drop, the most frequent reason first, and what share do those down to it make?
with bad as (
    select 'call' as about, cause_group, cause, coalesce(nullif(end_info, ''), 'SIP ' || sip_status, end_status, 'none told') as reason
    from chosen_calls
    where outcome in ('ineffective', 'media_failed', 'failed', 'refused') or dropped
    union all
    -- a viewer that its publisher took down has the publisher's reason
    select 'stream', w.cause_group, w.cause, coalesce(nullif(w.end_info, ''), w.end_status, 'none told')
    from chosen_streams s
    join all_streams w
      on w.stream_key = case when s.dropped and s.ended_how = 'publisher_gone' then s.publisher_key else s.stream_key end
    where s.outcome in ('failed', 'failed_to_start') or s.dropped
),
counted as (
    select about, cause_group, cause, reason, count(*) as n from bad group by about, cause_group, cause, reason
)
select about, cause_group, cause, reason, n, n / sum(n) over () as share_ratio,
       sum(n) over (order by n desc, about, reason, cause_group, cause rows unbounded preceding) / sum(n) over () as down_to_here_ratio
from counted
order by n desc, about, reason, cause_group, cause
