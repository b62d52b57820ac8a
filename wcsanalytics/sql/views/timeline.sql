-- What happened, in order, whoever tells of it?
select source_id, line, byte_offset, session_key, stream_key, call_key, coalesce(sent_at, answered_at) as happened_at,
       null::double as clock_error_ms, hook as what,
       concat_ws(' · ', status, nullif(info, ''),
                 case answer when 'error' then coalesce('backend error: ' || error, 'backend error')
                             when 'none' then 'no answer from the backend'
                             when 'changed' then 'changed by the backend'
                             when 'orphan' then 'answer without its request' end,
                 case when latency_ms >= 1000 then 'answered after ' || round(latency_ms / 1000, 1) || ' s' end) as detail,
       case when status in ('FAILED', 'AUTHENTICATION_FAIL') or answer = 'error' then 'error'
            when status in ('BUSY', 'PLAYBACK_PROBLEM', 'NOT_ENOUGH_BANDWIDTH') or answer = 'none' then 'warning'
            when hook in ('submitBugReport', 'sessionDebug') then 'notice'
            else 'info' end as severity,
       'hook' as told_by
from hooks
union all
select source_id, line, byte_offset, session_key, null, null, coalesce(pushed_at, logged_at), null, coalesce(level, 'log'),
       concat_ws(' · ', clock, logger, text),
       -- the client tells of its worst moments at the level of its small talk
       case when level = 'ERROR' then 'error'
            when level = 'WARN'
              or regexp_matches(text, 'WS connection timeout|Missing \d+ pings from server|Media not found, id|No remote sdp available|Call already exists, id|Stream status FAILED|Failed to send metrics batch|balancer (timeout|error)')
              then 'warning'
            else 'info' end, 'client_log'
from client_log
-- one line for each message of the server is noise
where text not like '%Reset missing pings counter by % message%'
union all
select source_id, line, byte_offset, session_key, stream_key, call_key, logged_at, null, level, concat_ws(' · ', logger, text),
       case level when 'WARN' then 'warning' when 'INFO' then 'info' when 'DEBUG' then 'info' when 'TRACE' then 'info'
                  else 'error' end, 'server_log'
from server_log
union all
-- records have whole seconds, and some tell of an end by a start and a duration
select source_id, line, byte_offset, session_key, stream_key, null, ended_at, 2000, 'stream record',
       concat_ws(' · ', disposition, info, 'after ' || lived_s::bigint || ' s'), 'info', 'sdr'
from stream_records
union all
select source_id, line, byte_offset, session_key, null, call_key, coalesce(ended_at, invited_at), 1000, 'call record',
       concat_ws(' · ', disposition, 'after ' || talk_s::bigint || ' s of talk'), 'info', 'cdr'
from call_records
union all
select source_id, line, byte_offset, null, null, null, happened_at, 1000, 'message record', disposition, 'info', 'mdr'
from message_records
union all
select source_id, line, byte_offset, session_key, null, null, ended_at, 2000, 'connection record',
       concat_ws(' · ', disposition, info, 'after ' || lived_s::bigint || ' s'), 'info', 'conndr'
from connection_records
union all
-- what a socket tells and no hook does
select source_id, line, byte_offset, session_key, stream_key, call_key, happened_at, null, message,
       concat_ws(' · ', api_method, close_code, nullif(info, '')),
       case when message = 'fail' then 'error' when coalesce(close_code in (1000, 1001, 1005), true) then 'info' else 'warning' end,
       'websocket'
from client_messages
where message in ('fail', 'ws-close')
union all
select source_id, line, byte_offset, session_key, stream_key, null, happened_at, null, about || ' event ' || event_type,
       concat_ws(' · ', name, payload), 'info', 'event_log'
from server_events
