-- What was measured of media, each value under the key that hooks tell of its stream's life or its call?
-- Two branches for streams, so that a filter on the key reaches the stored parts in both.
with keys_of_calls as (
    select call_id, max(call_key) as call_key
    from stored.call_hooks
    where call_id in (select call_id from stored.media_samples) and call_key is not null
    group by call_id
    having count(distinct call_key) = 1
),
of_streams as (
    select s.*, l.stream_key as stream_key_told, l.session_key as session_key_told
    from stored.media_samples s
    join lives_of_streams l on l.media_session_id = s.media_session_id
        and (s.node_id = l.node_id or s.node_id is null and l.only_node)
        and coalesce(s.sampled_at >= l.from_at, l.from_at is null) and coalesce(s.sampled_at < l.until_at, true)
    union all
    select s.*, s.stream_key, s.session_key
    from stored.media_samples s
    left join lives_of_streams l on l.media_session_id = s.media_session_id
        and (s.node_id = l.node_id or s.node_id is null and l.only_node)
    where l.media_session_id is null
)
select s.source_id, s.line, s.byte_offset, s.place, s.session_key_told as session_key, s.stream_key_told as stream_key,
       coalesce(c.call_key, s.call_key) as call_key, s.media_session_id, s.sampled_at, s.estimated, s.kind, s.direction, s.metric,
       s.value, s.text, s.unit, s.counter, s.measured_by, s.peer, s.report_type, s.report_id, s.ssrc, s.codec
from of_streams s
left join keys_of_calls c on c.call_id = s.call_id
