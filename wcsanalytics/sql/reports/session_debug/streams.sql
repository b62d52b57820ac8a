-- Which streams did the sessions have?
select t.requested_at, t.role, t.name, t.outcome, t.ended_how, t.startup_ms, t.lived_s, t.end_status, t.end_info, t.audio_codec,
       t.video_codec, t.transport, t.media_session_id, t.session_id
from streams t
where t.session_key in (select session_key from shown_sessions)
order by coalesce(t.requested_at, t.started_at, t.last_seen_at), t.stream_key
