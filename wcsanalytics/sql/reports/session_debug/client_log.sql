-- Which warnings and errors did the clients log?
select pushed_at, clock, level, logger, text, session_id
from client_log
where session_key in (select session_key from shown_sessions) and level in ('WARN', 'ERROR')
order by pushed_at, source_id, byte_offset, nth
