-- What does each report on a stream of RTP tell, and what was counted since the one before?
select source_id, line, byte_offset, session_key, stream_key, call_key, media_session_id, peer, kind, direction, measured_by,
       report_type, report_id, ssrc, codec, since_at, until_at, interval_s, "epoch", packets_lost, packets_received, packets_sent,
       loss_ratio, bitrate, jitter_ms, rtt_ms, frames_per_second,
       -- the first sample of an epoch tells of no interval, but of all the time before it
       case when since_at is not null then harmonic_fps end as harmonic_fps,
       case when since_at is not null then concealed_ratio end as concealed_ratio,
       case when since_at is not null then jitter_buffer_ms else told_buffer_ms end as jitter_buffer_ms, case when since_at is not null then freezes end as freezes,
       case when since_at is not null then frozen_s end as frozen_s, case when since_at is not null then nacks end as nacks,
       case when since_at is not null then plis end as plis, case when since_at is not null then firs end as firs
from media_reports
where direction is not null and not is_told_again
