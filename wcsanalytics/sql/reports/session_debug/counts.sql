-- How much is there of everything in the sessions shown?
select (select count(*) from shown_sessions) as sessions, (select count(*) from chosen_sessions) as chosen,
       (select count(*) from chosen_sessions where outcome in ('refused', 'failed', 'vanished')) as bad_sessions,
       count(*) as hooks, count(*) filter (where answer = 'none') as unanswered, count(*) filter (where answer = 'error') as errors,
       count(latency_ms) as answered, quantile_cont(latency_ms, 0.95) as latency_p95_ms,
       (select count(*) from client_log where session_key in (select session_key from chosen_sessions)) as client_lines
from shown_hooks
