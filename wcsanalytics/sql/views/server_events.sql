-- What does the server's own event log tell of connections and streams, and of which session and stream?
with sessions_known as (
    select h.session_id, max(coalesce(r.life_key, h.session_key)) as session_key, max(h.node_id) as node_id
    from every_hook h
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key
    where h.session_id in (select session_id from stored.server_events)
    group by h.session_id
    having count(distinct coalesce(r.life_key, h.session_key)) = 1
),
streams_known as (
    select media_session_id, max(stream_key) as stream_key, max(session_key) as session_key, max(node_id) as node_id
    from own_stream_hooks
    where media_session_id in (select media_session_id from stored.server_events)
    group by media_session_id
    having count(distinct stream_key) = 1
)
select e.source_id, e.line, e.byte_offset, coalesce(k.session_key, s.session_key) as session_key, s.stream_key, e.about,
       e.happened_at, e.address, coalesce(k.node_id, s.node_id) as node_id, e.session_id, e.media_session_id, e.name, e.event_type,
       e.payload, e.extra
from stored.server_events e
left join sessions_known k on k.session_id = e.session_id
left join streams_known s on s.media_session_id = e.media_session_id
