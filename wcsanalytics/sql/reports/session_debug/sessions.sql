-- Who were these sessions, and how did they end?
select s.connected_at, s.user_id, s.client_address, s.outcome, w.errors, w.warnings, s.n_streams, s.n_calls, s.n_hooks, s.lived_s,
       s.end_status, s.end_info, s.browser, s.browser_version, s.os, s.page_origin, s.app_key, s.node_id, s.session_id, s.session_key
from shown_sessions w
join chosen_sessions s on s.session_key = w.session_key
order by w.errors desc, s.outcome in ('refused', 'failed', 'vanished') desc, w.warnings desc, s.first_seen_at, s.session_key
