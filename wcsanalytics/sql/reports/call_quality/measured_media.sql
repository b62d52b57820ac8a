-- What was measured of calls and streams? What rules ask about bears the name that they have for it.
select m.session_key, m.stream_key, m.call_key, m.source_id, m.peer, m.kind, m.direction, m.measured_by, m.first_at, m.last_at, m.codec,
       m.packets_received, m.packets_sent, m.loss_ratio, m.loss_p95_ratio, m.jitter_mean_ms as jitter_ms, m.jitter_p95_ms, m.jitter_max_ms,
       m.burst_ratio, m.rtt_mean_ms as rtt_ms, m.rtt_p50_ms, m.rtt_p95_ms, m.concealed_ratio, m.corrected_ratio, m.jitter_buffer_ms, m.freezes,
       m.frozen_ratio, m.freeze_mean_ms, m.frames_per_second as fps, m.harmonic_fps, m.bitrate / 1000 as kbps, m.nacks, m.plis, m.firs,
       m.available_outgoing_bitrate / 1000 as available_outgoing_kbps, s.jitter_samples_ms, s.rtt_samples_ms, s.loss_samples_ratio,
       s.loss_mean_7_ratio, s.path_samples, s.least_audio_level_deviation, m.is_silent::integer as silent, g.rate_difference_ratio,
       g.least_rate_bps, m.mos, m.scale, m.scope, m.model, m.admission, m.verdict, m.poor_because, m.n
from media_quality m
left join media_series s
  on s.stream_key is not distinct from m.stream_key and s.call_key is not distinct from m.call_key
 and s.source_id is not distinct from m.source_id and s.peer is not distinct from m.peer and s.kind = m.kind
 and s.direction = m.direction and s.measured_by = m.measured_by
left join client_grades g on g.stream_key = m.stream_key and g.direction = m.direction and m.kind = 'video'
