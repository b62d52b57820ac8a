-- Which server lines from the level kept up were there?
select source_id, line, byte_offset, logged_at, null::timestamptz as pushed_at, null::varchar as clock, level, logger, thread,
       text, dated_by
from stored.server_log
