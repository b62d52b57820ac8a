-- Which messages passed between clients and server over WebSocket, and to which session, stream and call do they belong?
with streams_known as (
    select media_session_id, max(stream_key) as stream_key, max(session_key) as session_key, max(session_id) as session_id,
           max(node_id) as node_id
    from own_stream_hooks
    where media_session_id in (select media_session_id from stored.client_messages)
    group by media_session_id
    having count(distinct stream_key) = 1
),
calls_known as (
    select call_id, max(call_key) as call_key, max(session_key) as session_key, max(session_id) as session_id,
           max(node_id) as node_id
    from own_call_hooks
    where call_id in (select call_id from stored.client_messages)
    group by call_id
    having count(distinct call_key) = 1
),
data_known as (
    select operation_id, max(session_key) as session_key, max(session_id) as session_id, max(node_id) as node_id
    from stored.data_hooks
    where operation_id in (select operation_id from stored.client_messages)
    group by operation_id
    having count(distinct session_key) = 1
),
told as (
    select m.source_id, m.line, m.byte_offset, m.nth, m.connection, s.stream_key, c.call_key,
           coalesce(s.session_key, c.session_key, d.session_key) as session_key,
           coalesce(s.session_id, c.session_id, d.session_id) as session_id, coalesce(s.node_id, c.node_id, d.node_id) as node_id
    from stored.client_messages m
    left join streams_known s on s.media_session_id = m.media_session_id
    left join calls_known c on c.call_id = m.call_id
    left join data_known d on d.operation_id = m.operation_id
),
connections as (
    -- a client never tells its session id: its socket is known by the streams, calls and data that it speaks of
    select source_id, connection, max(session_key) as session_key, max(session_id) as session_id, max(node_id) as node_id
    from told
    where session_key is not null and connection is not null
    group by source_id, connection
    having count(distinct session_key) = 1
)
select m.source_id, m.line, m.byte_offset, coalesce(t.session_key, k.session_key) as session_key, t.stream_key, t.call_key, m.nth,
       m.happened_at, m.dated_by, m.connection, m.direction, m.message, m.hook, coalesce(m.node_id, t.node_id, k.node_id) as node_id,
       m.app_key, coalesce(m.session_id, t.session_id, k.session_id) as session_id, m.media_session_id, m.call_id, m.operation_id,
       m.status, m.info, m.name, m.published, m.media_provider, m.incoming, m.caller, m.callee, m.sip_status, m.target,
       m.event_type, m.api_method, m.user_agent, m.text, m.logs, m.command, m.file, m.close_code, m.extra
from stored.client_messages m
join told t on t.source_id = m.source_id and t.byte_offset = m.byte_offset and t.nth = m.nth
left join connections k on k.source_id = m.source_id and k.connection = m.connection
