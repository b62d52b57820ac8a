-- Which hooks belong to the sessions, streams and calls asked for? Those of none count by their own time.
select h.source_id, h.line, h.byte_offset, h.session_key, h.stream_key, h.call_key, h.sent_at, h.latency_ms, h.hook, h.kind,
       h.node_id, h.status, h.answer, h.error
from hooks h
where h.session_key in (select session_key from chosen_sessions) or h.stream_key in (select stream_key from chosen_streams)
   or h.call_key in (select call_key from chosen_calls)
   or (coalesce(h.session_key, h.stream_key, h.call_key) is null and not $is_about_one
       and ($since is null or h.sent_at >= $since) and ($until is null or h.sent_at < $until)
       and ($node is null or h.node_id = $node) and ($app is null or h.app_key = $app))
