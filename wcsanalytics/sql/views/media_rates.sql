-- What was counted between each two samples of a counter, and how much is that a second?
select source_id, line, byte_offset, session_key, stream_key, call_key, media_session_id, peer, kind, direction, measured_by,
       report_type, report_id, ssrc, metric, since_at, sampled_at as until_at, us_between(since_at, sampled_at) / 1e6 as interval_s,
       "epoch", delta, delta / (us_between(since_at, sampled_at) / 1e6) as rate, unit
from steps_in('linked_samples')
where counter and sampled_at > since_at
