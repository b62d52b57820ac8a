-- What was measured of calls and streams?
select session_key, stream_key, call_key, source_id, peer, kind, direction, measured_by, first_at, last_at, packets_received, packets_sent,
       loss_ratio, jitter_p95_ms, jitter_mean_ms, rtt_p50_ms, rtt_mean_ms, mos, scale, scope, model, admission, verdict, poor_because, n
from media_quality
