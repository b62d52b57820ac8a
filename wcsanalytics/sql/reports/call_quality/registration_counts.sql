-- How many SIP registrations of these sessions were asked for, did they fail, and how long did they take?
select part($by, node := s.node_id, app := s.app_key, browser := s.browser, os := s.os,
            began_at := coalesce(s.connected_at, s.first_seen_at)) as part,
       count(*) as registrations,
       count(*) filter (where r.outcome <> 'open') as decided, count(*) filter (where r.outcome = 'failed') as failed,
       count(r.delay_ms) as delays, quantile_cont(r.delay_ms, [0.5, 0.9, 0.95, 0.99]) as delay_ms
from registrations r
join chosen_sessions s on s.session_key = r.session_key
group by part
order by part
