-- Which ten sessions went worst? Errors of their own count most, then warnings, then what their streams and calls met.
with troubles as (
    select session_key, count(*) filter (where severity = 'error') as errors,
           count(*) filter (where severity = 'warning') as warnings
    from timeline
    where severity in ('error', 'warning') and session_key in (select session_key from chosen_sessions)
    group by session_key
)
select s.session_key, coalesce(t.errors, 0) as errors, coalesce(t.warnings, 0) as warnings
from chosen_sessions s
left join troubles t on t.session_key = s.session_key
where $is_about_one or (select count(*) from chosen_sessions) = 1 or coalesce(t.errors, 0) + coalesce(t.warnings, 0) > 0
   or s.outcome in ('refused', 'failed', 'vanished')
order by errors desc, s.outcome in ('refused', 'failed', 'vanished') desc, warnings desc, s.first_seen_at, s.session_key
limit case when $is_about_one then 1000 else 10 end
