-- What did the backend change?
select sent_at, hook, answer_changes, session_id, media_session_id, call_id
from hooks
where session_key in (select session_key from shown_sessions) and answer = 'changed'
order by sent_at, hook, source_id, byte_offset
