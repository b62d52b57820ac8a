-- What do the rows of all hook families share?
select source_id, line, byte_offset, place, session_key, stream_key, call_key, sent_at, answered_at, hook, answer,
       answer_changes, error, url, thread, dated_by, half, half_open, half_digest, half_body, extra, node_id, app_key, session_id,
       media_session_id, call_id, status, info
from stored.connection_hooks
union all
select source_id, line, byte_offset, place, session_key, stream_key, call_key, sent_at, answered_at, hook, answer,
       answer_changes, error, url, thread, dated_by, half, half_open, half_digest, half_body, extra, node_id, app_key, session_id,
       media_session_id, call_id, status, info
from stored.stream_hooks
union all
select source_id, line, byte_offset, place, session_key, stream_key, call_key, sent_at, answered_at, hook, answer,
       answer_changes, error, url, thread, dated_by, half, half_open, half_digest, half_body, extra, node_id, app_key, session_id,
       media_session_id, call_id, status, info
from stored.call_hooks
union all
select source_id, line, byte_offset, place, session_key, stream_key, call_key, sent_at, answered_at, hook, answer,
       answer_changes, error, url, thread, dated_by, half, half_open, half_digest, half_body, extra, node_id, app_key, session_id,
       media_session_id, call_id, status, info
from stored.data_hooks
union all
select source_id, line, byte_offset, place, session_key, stream_key, call_key, sent_at, answered_at, hook, answer,
       answer_changes, error, url, thread, dated_by, half, half_open, half_digest, half_body, extra, node_id, app_key, session_id,
       media_session_id, call_id, status, info
from stored.diagnostic_hooks
union all
select source_id, line, byte_offset, place, session_key, stream_key, call_key, sent_at, answered_at, hook, answer,
       answer_changes, error, url, thread, dated_by, half, half_open, half_digest, half_body, extra, node_id, app_key, session_id,
       media_session_id, call_id, status, info
from stored.other_hooks
