-- What does each report on a stream of RTP tell, which connection is it of, and what was counted since the one before?
with reports as (
    select source_id, min(line) as line, byte_offset, session_key, stream_key, call_key, lineage, media_session_id, peer, kind,
           direction, measured_by, report_type, report_id, max(ssrc) as ssrc, max(since_at) as since_at, sampled_at as until_at,
           max("epoch") as "epoch",
           max(delta) filter (is_loss(metric)) as packets_lost,
           max(delta) filter (metric = 'packetsReceived') as packets_received,
           max(delta) filter (metric = 'packetsSent') as packets_sent,
           max(value) filter (ends_epoch and is_loss(metric)) as lost_in_epoch,
           max(value) filter (ends_epoch and metric = 'packetsReceived') as received_in_epoch,
           max(value) filter (ends_epoch and metric = 'packetsSent' and direction = 'out') as sent_in_epoch,
           max(delta) filter (metric = case direction when 'in' then 'bytesReceived' else 'bytesSent' end) as bytes,
           max(value) filter (metric in ('VIDEO_RATE', 'AUDIO_RATE', 'videoRate')) as told_bitrate,
           max(case metric when 'jitter' then value * 1000 when 'googJitterReceived' then value end) as jitter_ms,
           max(delta) filter (metric = 'totalRoundTripTime') as round_trips_s,
           max(delta) filter (metric = 'roundTripTimeMeasurements') as round_trips,
           max(case when metric in ('roundTripTime', 'currentRoundTripTime') then value * 1000
                    when metric = 'googRtt' then value end) as last_rtt_ms,
           max(value) filter (metric in ('framesPerSecond', 'VIDEO_FPS', 'fps', 'googFrameRateReceived', 'googFrameRateSent'))
             as frames_per_second
    from rtp_steps
    group by source_id, byte_offset, session_key, stream_key, call_key, lineage, media_session_id, peer, kind, direction,
             measured_by, report_type, report_id, sampled_at
)
select source_id, line, byte_offset, session_key, stream_key, call_key, lineage, media_session_id, peer, kind, direction,
       measured_by, report_type, report_id, ssrc, since_at, until_at, epoch(until_at - since_at) as interval_s, "epoch",
       packets_lost, packets_received, packets_sent, lost_in_epoch, received_in_epoch, sent_in_epoch,
       coalesce(since_at = until_at, false) as is_told_again,
       case when packets_lost + packets_received > 0 then packets_lost / (packets_lost + packets_received) end as loss_ratio,
       coalesce(bytes * 8 / nullif(epoch(until_at - since_at), 0), told_bitrate) as bitrate, jitter_ms,
       coalesce(case when round_trips > 0 then round_trips_s / round_trips * 1000 end, last_rtt_ms) as rtt_ms, frames_per_second
from reports
