-- What happened in the sessions shown, in order? With one session, the server's own lines of that time stand among it.
select t.happened_at, t.session_key, t.stream_key, t.call_key, t.what, t.detail, t.severity, t.told_by, t.source_id, t.line,
       t.byte_offset, t.clock_error_ms
from timeline t
where t.session_key in (select session_key from shown_sessions)
   or (t.told_by = 'server_log' and (select count(*) from shown_sessions) = 1
       and t.happened_at between (select min(first_seen_at) from chosen_sessions join shown_sessions using (session_key))
                             and (select max(last_seen_at) from chosen_sessions join shown_sessions using (session_key)))
