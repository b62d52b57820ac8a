-- What was measured of media and where does it stand among all records, each value under the key of its stream's life where hooks tell it?
-- Two branches, so that a filter on the key reaches the stored parts in both.
select s.source_id, s.line, s.byte_offset, s.place, l.session_key, l.stream_key, s.call_key, s.media_session_id, s.sampled_at,
       s.estimated, s.kind, s.direction, s.metric, s.value, s.text, s.unit, s.counter, s.measured_by, s.peer, s.report_type,
       s.report_id, s.ssrc, s.codec
from stored.media_samples s
join lives_of_streams l on l.media_session_id = s.media_session_id and (s.node_id = l.node_id or s.node_id is null and l.only_node)
    and coalesce(s.sampled_at >= l.from_at, l.from_at is null) and coalesce(s.sampled_at < l.until_at, true)
union all
select s.source_id, s.line, s.byte_offset, s.place, s.session_key, s.stream_key, s.call_key, s.media_session_id, s.sampled_at,
       s.estimated, s.kind, s.direction, s.metric, s.value, s.text, s.unit, s.counter, s.measured_by, s.peer, s.report_type,
       s.report_id, s.ssrc, s.codec
from stored.media_samples s
left join lives_of_streams l on l.media_session_id = s.media_session_id and (s.node_id = l.node_id or s.node_id is null and l.only_node)
where l.media_session_id is null
