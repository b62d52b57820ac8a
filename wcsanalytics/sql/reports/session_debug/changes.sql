-- What did the backend change?
select sent_at, hook, answer_changes, session_id, media_session_id, call_id
from shown_hooks
where answer = 'changed'
order by sent_at, hook, source_id, byte_offset
