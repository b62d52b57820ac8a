-- What does each report on a stream of RTP tell, which connection is it of, and what was counted since the one before?
with reports as (
    select source_id, min(line) as line, byte_offset, session_key, stream_key, call_key, lineage, media_session_id, peer, kind,
           direction, measured_by, report_type, report_id, max(ssrc) as ssrc, max(codec) as codec, max(since_at) as since_at, sampled_at as until_at,
           max("epoch") as "epoch",
           max(delta) filter (is_loss(metric)) as packets_lost,
           max(value) filter (metric = 'fractionLost') as fraction_lost,
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
             as told_fps,
           max(delta) filter (metric = case direction when 'in' then 'framesDecoded' else 'framesEncoded' end) as frames,
           max(grown) filter (metric = 'concealedSamples') as concealed_samples,
           max(grown) filter (metric = 'silentConcealedSamples') as silent_concealed_samples,
           max(grown) filter (metric = 'concealmentEvents') as concealment_events,
           max(grown) filter (metric = 'totalSamplesReceived') as samples_received,
           max(grown) filter (metric = 'insertedSamplesForDeceleration') + max(grown) filter (metric = 'removedSamplesForAcceleration')
             as corrected_samples,
           max(grown) filter (metric = 'jitterBufferDelay') as buffered_s,
           max(grown) filter (metric = 'jitterBufferEmittedCount') as emitted,
           max(value) filter (metric = 'googJitterBufferMs') as told_buffer_ms,
           max(grown) filter (metric = 'totalAudioEnergy') as audio_energy, max(value) filter (metric = 'audioLevel') as audio_level,
           max(grown) filter (metric = 'freezeCount') as freezes, max(grown) filter (metric = 'totalFreezesDuration') as frozen_s,
           max(grown) filter (metric = 'totalInterFrameDelay') as between_frames_s,
           max(grown) filter (metric = 'totalSquaredInterFrameDelay') as between_frames_s2,
           max(grown) filter (metric in ('nackCount', 'googNacks' || other_end)) as nacks,
           max(grown) filter (metric in ('pliCount', 'googPlis' || other_end)) as plis,
           max(grown) filter (metric in ('firCount', 'googFirs' || other_end)) as firs,
           max(value) filter (metric in ('availableOutgoingBitrate', 'googAvailableSendBandwidth')) as available_outgoing_bitrate
    -- who receives media asks for it again, who sends it is asked
    from (select *, case direction when 'in' then 'Sent' else 'Received' end as other_end from rtp_steps)
    group by source_id, byte_offset, session_key, stream_key, call_key, lineage, media_session_id, peer, kind, direction,
             measured_by, report_type, report_id, sampled_at
)
select source_id, line, byte_offset, session_key, stream_key, call_key, lineage, media_session_id, peer, kind, direction,
       measured_by, report_type, report_id, ssrc, codec, since_at, until_at, us_between(since_at, until_at) / 1e6 as interval_s, "epoch",
       packets_lost, packets_received, packets_sent, lost_in_epoch, received_in_epoch, sent_in_epoch,
       coalesce(since_at = until_at, false) as is_told_again,
       -- the far end tells the share itself, of the time since its report before
       coalesce(case when packets_lost + packets_received > 0 then packets_lost / (packets_lost + packets_received) end,
                fraction_lost) as loss_ratio,
       bytes, told_bitrate, coalesce(bytes * 8 / nullif(us_between(since_at, until_at), 0) * 1e6, told_bitrate) as bitrate, jitter_ms,
       coalesce(case when round_trips > 0 then round_trips_s / round_trips * 1000 end, last_rtt_ms) as rtt_ms,
       -- a browser tells no rate in a second without frames, but goes on counting
       frames, told_fps, coalesce(frames / nullif(us_between(since_at, until_at), 0) * 1e6, told_fps) as frames_per_second,
       between_frames_s / nullif(between_frames_s2, 0) as harmonic_fps, concealed_samples,
       silent_concealed_samples, concealment_events, samples_received, concealed_samples / nullif(samples_received, 0) as concealed_ratio,
       corrected_samples, buffered_s, emitted, coalesce(buffered_s * 1000 / nullif(emitted, 0), told_buffer_ms) as jitter_buffer_ms,
       told_buffer_ms, audio_energy, audio_level, freezes, frozen_s, between_frames_s, between_frames_s2, nacks, plis, firs, available_outgoing_bitrate
from reports
