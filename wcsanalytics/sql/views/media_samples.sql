-- What was measured of media?
select source_id, line, byte_offset, session_key, stream_key, call_key, media_session_id, sampled_at, estimated, kind, direction,
       metric, value, text, unit, counter, measured_by, peer, report_type, report_id, ssrc, codec
from linked_samples
