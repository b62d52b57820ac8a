-- What do the samples tell of each media session, kind and direction? Where several measured it, the one that tells most speaks.
with totals as (
    -- each epoch of a report counts from nothing: its last values are what it counted
    select max(session_key) as session_key, stream_key, call_key, lineage, max(media_session_id) as media_session_id, peer, kind,
           direction, measured_by, min(until_at) as first_at, max(until_at) as last_at, sum(lost_in_epoch) as packets_lost,
           sum(received_in_epoch) as packets_received, sum(sent_in_epoch) as packets_sent,
           quantile_cont(jitter_ms, 0.95) filter (not is_told_again) as jitter_p95_ms, quantile_cont(rtt_ms, 0.5) filter (not is_told_again) as rtt_p50_ms,
           exact_mean(case when not is_told_again then jitter_ms end / 1000) * 1000 as jitter_mean_ms,
           exact_mean(case when not is_told_again then rtt_ms end / 1000) * 1000 as rtt_mean_ms,
           count(distinct until_at) as n
    from media_reports
    group by stream_key, call_key, lineage, peer, kind, direction, measured_by
),
told as (
    -- a candidate pair carries all streams of its connection: what it tells of round trips stands in for what they don't
    select *, max(case when direction is null then rtt_p50_ms end) over connection as pair_rtt_p50_ms,
           max(case when direction is null then rtt_mean_ms end) over connection as pair_rtt_mean_ms,
           case when packets_received is not null then greatest(packets_lost, 0) / nullif(greatest(packets_lost, 0) + packets_received, 0)
                when direction = 'out' then greatest(packets_lost, 0) / nullif(packets_sent, 0) end as loss_ratio
    from totals
    window connection as (partition by stream_key, call_key, lineage, peer, measured_by)
),
ranked as (
    select *, row_number() over (
               partition by stream_key, call_key, lineage, kind, direction, case when lineage is not null then peer end
               order by loss_ratio is null,
                        list_position(['native_stats', 'webrtc_internals', 'rtcstats', 'rtc_metrics', 'sdk_stats', 'video_rate',
                                       'stream_metrics'], measured_by),
                        n desc, peer
           ) as rank
    from told
    where direction is not null
)
select session_key, stream_key, call_key, media_session_id, lineage as source_id, peer, kind, direction, measured_by, first_at,
       last_at, packets_lost, packets_received, packets_sent, loss_ratio, jitter_p95_ms,
       jitter_mean_ms, coalesce(rtt_p50_ms, pair_rtt_p50_ms) as rtt_p50_ms, coalesce(rtt_mean_ms, pair_rtt_mean_ms) as rtt_mean_ms, null::double as mos, null::varchar as scale, null::varchar as scope,
       null::varchar as model, null::varchar as admission, null::varchar as verdict, null::varchar as poor_because, n
from ranked
where rank = 1
