-- macro is_loss(metric)
-- Does it count lost packets? Such a counter may fall without a new start: a packet that was late was counted as lost before.
metric in ('packetsLost', 'lostPackets', 'VIDEO_LOST', 'AUDIO_LOST')
