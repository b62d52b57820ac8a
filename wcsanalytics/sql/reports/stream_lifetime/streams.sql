-- What is there to know of each stream?
select requested_at, role, name, outcome, ended_how, dropped, startup_ms, lived_s, paused_s, cause, end_info, media_provider,
       video_codec, transport, keep_alives, media_session_id, session_id, stream_key
from chosen_streams
order by coalesce(requested_at, started_at, last_seen_at), stream_key
