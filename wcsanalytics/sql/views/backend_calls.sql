-- How long did each hook take by the server's own event log, and which hook that was captured is it?
select e.source_id, e.line, e.byte_offset, e.sent_at, e.answered_at,
       us_between(e.sent_at, e.answered_at) / 1000.0 as latency_ms, e.hook, e.app_key, e.session_id, e.url,
       e.body_md5, c.hook_source_id, c.hook_byte_offset, e.extra
from stored.hook_events e
left join logged_calls c on c.source_id = e.source_id and c.byte_offset = e.byte_offset
