-- Who were these sessions, and how did they end?
select s.connected_at, s.session_id, s.outcome, w.errors, w.warnings, s.n_streams, s.n_calls, s.n_hooks, s.lived_s, s.browser,
       s.browser_version, s.os, s.client_address, s.user_id, s.app_key, s.node_id, s.end_status, s.end_info, s.session_key
from shown_sessions w
join chosen_sessions s on s.session_key = w.session_key
order by w.errors desc, w.warnings desc, s.first_seen_at, s.session_key
