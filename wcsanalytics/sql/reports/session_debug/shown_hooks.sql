-- Which hooks did the sessions shown have?
select source_id, line, byte_offset, session_key, session_id, media_session_id, call_id, sent_at, latency_ms, hook, answer, answer_changes
from hooks
where session_key in (select session_key from shown_sessions) and answer is distinct from 'orphan'
