-- Which samples tell how streams of RTP fared, and the connections that they went over?
select source_id, line, byte_offset, place, session_key, stream_key, call_key, media_session_id, peer, kind, direction, measured_by,
       report_type, report_id, ssrc, codec, metric, value, unit, counter, sampled_at
from linked_samples
where metric in ('packetsLost', 'fractionLost', 'packetsReceived', 'packetsSent', 'bytesReceived', 'bytesSent', 'jitter', 'roundTripTime',
                 'totalRoundTripTime', 'roundTripTimeMeasurements', 'framesPerSecond', 'currentRoundTripTime',
                 'availableOutgoingBitrate', 'concealedSamples', 'silentConcealedSamples', 'concealmentEvents', 'totalSamplesReceived',
                 'insertedSamplesForDeceleration', 'removedSamplesForAcceleration', 'jitterBufferDelay', 'jitterBufferEmittedCount',
                 'framesDecoded', 'framesEncoded', 'audioLevel', 'totalAudioEnergy',
                 'freezeCount', 'totalFreezesDuration', 'totalInterFrameDelay', 'totalSquaredInterFrameDelay', 'nackCount',
                 'pliCount', 'firCount', 'googJitterReceived', 'googRtt', 'googFrameRateReceived', 'googFrameRateSent',
                 'googJitterBufferMs', 'googNacksSent', 'googNacksReceived', 'googPlisSent', 'googPlisReceived', 'googFirsSent',
                 'googFirsReceived', 'googAvailableSendBandwidth',
                 'VIDEO_LOST', 'AUDIO_LOST', 'VIDEO_RATE', 'AUDIO_RATE', 'VIDEO_FPS', 'videoRate', 'lostPackets', 'fps')
  and (report_type in ('inbound-rtp', 'outbound-rtp', 'remote-inbound-rtp', 'remote-outbound-rtp', 'ssrc')
       or report_type is null and direction is not null
       or metric in ('currentRoundTripTime', 'availableOutgoingBitrate', 'googAvailableSendBandwidth') and value > 0)
