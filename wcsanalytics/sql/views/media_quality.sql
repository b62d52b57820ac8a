-- What do the samples tell of each media session, kind and direction? Where several measured it, the one that tells most speaks.
with ends as (
    -- each epoch of a report counts from nothing: its last values are what it counted
    select stream_key, call_key, lineage, peer, kind, direction, measured_by, report_type, report_id, "epoch", metric,
           arg_max(value, nth) as value
    from media_steps
    where direction is not null and metric in ('packetsLost', 'packetsReceived', 'packetsSent', 'lostPackets', 'VIDEO_LOST', 'AUDIO_LOST')
      and (report_type is null or report_type in ('inbound-rtp', 'outbound-rtp', 'remote-inbound-rtp', 'ssrc'))
    group by stream_key, call_key, lineage, peer, kind, direction, measured_by, report_type, report_id, "epoch", metric
),
totals as (
    select stream_key, call_key, lineage, peer, kind, direction, measured_by,
           sum(value) filter (metric not in ('packetsReceived', 'packetsSent')) as packets_lost,
           sum(value) filter (metric = 'packetsReceived') as packets_received,
           sum(value) filter (metric = 'packetsSent') as packets_sent
    from ends
    group by stream_key, call_key, lineage, peer, kind, direction, measured_by
),
gauges as (
    select any_value(session_key) as session_key, stream_key, call_key, lineage, any_value(media_session_id) as media_session_id,
           peer, kind, direction, measured_by, min(until_at) as first_at, max(until_at) as last_at,
           quantile_cont(jitter_ms, 0.95) as jitter_p95_ms, quantile_cont(rtt_ms, 0.5) as rtt_p50_ms,
           count(distinct (source_id, byte_offset, until_at)) as n
    from media_reports
    group by stream_key, call_key, lineage, peer, kind, direction, measured_by
),
pairs as (
    select stream_key, call_key, lineage, peer, measured_by, quantile_cont(value, 0.5) * 1000 as rtt_p50_ms
    from media_steps
    where metric = 'currentRoundTripTime' and value > 0
    group by stream_key, call_key, lineage, peer, measured_by
),
told as (
    select g.*, t.packets_lost, t.packets_received, t.packets_sent, p.rtt_p50_ms as pair_rtt_p50_ms,
           case when t.packets_received is not null then greatest(t.packets_lost, 0) / nullif(greatest(t.packets_lost, 0) + t.packets_received, 0)
                when g.direction = 'out' then greatest(t.packets_lost, 0) / nullif(t.packets_sent, 0) end as loss_ratio
    from gauges g
    left join totals t on t.stream_key is not distinct from g.stream_key and t.call_key is not distinct from g.call_key
        and t.lineage is not distinct from g.lineage and t.peer is not distinct from g.peer
        and t.kind is not distinct from g.kind and t.direction = g.direction and t.measured_by = g.measured_by
    left join pairs p on p.stream_key is not distinct from g.stream_key and p.call_key is not distinct from g.call_key
        and p.lineage is not distinct from g.lineage and p.peer is not distinct from g.peer and p.measured_by = g.measured_by
)
select session_key, stream_key, call_key, media_session_id, lineage as source_id, peer, kind, direction, measured_by, first_at,
       last_at, packets_lost, packets_received, packets_sent, loss_ratio, jitter_p95_ms,
       coalesce(rtt_p50_ms, pair_rtt_p50_ms) as rtt_p50_ms, null::double as mos, null::varchar as scale, null::varchar as scope,
       null::varchar as model, null::varchar as admission, null::varchar as verdict, null::varchar as poor_because, n
from told
qualify row_number() over (
    partition by stream_key, call_key, lineage, kind, direction, case when stream_key is null and call_key is null then peer end
    order by loss_ratio is null,
             list_position(['native_stats', 'webrtc_internals', 'rtcstats', 'rtc_metrics', 'sdk_stats', 'video_rate', 'stream_metrics'], measured_by),
             n desc, peer
) = 1
