-- What do the samples tell of each media session, kind and direction? Where several measured it, the one that tells most speaks.
with first_codecs as (
    -- the SDK names the first codec of the other side's SDP, not the one in use: better than none
    select stream_key, call_key, case when stream_key is null and call_key is null then source_id end as lineage, peer, kind, direction,
           measured_by, arg_max("text", (sampled_at, place)) as first_codec
    from linked_samples
    where metric = 'codec' and "text" is not null
    group by stream_key, call_key, lineage, peer, kind, direction, measured_by
),
totals as (
    -- each epoch of a report counts from nothing: its last values are what it counted
    select max(session_key) as session_key, stream_key, call_key, lineage, max(media_session_id) as media_session_id, peer, kind,
           direction, measured_by, min(until_at) as first_at, max(until_at) as last_at,
           arg_max(case when codec like '%/%' then split_part(codec, '/', 2) when report_type = 'ssrc' then codec end, until_at) as codec,
           sum(lost_in_epoch) as packets_lost, sum(received_in_epoch) as packets_received, sum(sent_in_epoch) as packets_sent,
           quantile_cont(loss_ratio, 0.95) filter (not is_told_again) as loss_p95_ratio,
           quantile_cont(jitter_ms, 0.95) filter (not is_told_again) as jitter_p95_ms, max(jitter_ms) as jitter_max_ms,
           exact_mean(case when not is_told_again then jitter_ms end) as jitter_mean_ms,
           quantile_cont(rtt_ms, 0.5) filter (not is_told_again) as rtt_p50_ms,
           quantile_cont(rtt_ms, 0.95) filter (not is_told_again) as rtt_p95_ms,
           exact_mean(case when not is_told_again then rtt_ms end) as rtt_mean_ms,
           sum(concealed_samples) / nullif(sum(samples_received), 0) as concealed_ratio,
           sum(concealment_events) as concealment_events,
           sum(concealed_samples - silent_concealed_samples) / nullif(sum(samples_received), 0) as audible_concealed_ratio,
           sum(corrected_samples) / nullif(sum(samples_received), 0) as corrected_ratio,
           coalesce(exact_sum(buffered_s) * 1000 / nullif(sum(emitted), 0), exact_mean(told_buffer_ms)) as jitter_buffer_ms,
           sum(freezes)::bigint as freezes, exact_sum(frozen_s) / nullif(exact_sum(between_frames_s), 0) as frozen_ratio,
           exact_sum(frozen_s) * 1000 / nullif(sum(freezes), 0) as freeze_mean_ms,
           coalesce(sum(frames) * 1e6 / nullif(sum(us_between(since_at, until_at)) filter (frames is not null), 0),
                    exact_mean(case when not is_told_again then told_fps end)) as frames_per_second,
           exact_sum(between_frames_s) / nullif(exact_sum(between_frames_s2), 0) as harmonic_fps,
           case when sum(samples_received) > 0 then exact_sum(audio_energy) = 0 end as is_silent,
           coalesce(sum(bytes) * 8e6 / nullif(sum(us_between(since_at, until_at)) filter (bytes is not null), 0), exact_mean(told_bitrate))
             as bitrate,
           sum(nacks)::bigint as nacks, sum(plis)::bigint as plis, sum(firs)::bigint as firs,
           exact_mean(available_outgoing_bitrate) as available_outgoing_bitrate, count(distinct until_at) as n
    from media_reports
    group by stream_key, call_key, lineage, peer, kind, direction, measured_by
),
told as (
    -- a candidate pair carries all streams of its connection: what it tells of them stands in for what they don't
    select *, max(case when direction is null then rtt_p50_ms end) over connection as pair_rtt_p50_ms,
           max(case when direction is null then rtt_p95_ms end) over connection as pair_rtt_p95_ms,
           max(case when direction is null then rtt_mean_ms end) over connection as pair_rtt_mean_ms,
           max(case when direction is null then available_outgoing_bitrate end) over connection as pair_outgoing_bitrate,
           case when packets_received is not null then lost_of(packets_lost) / nullif(lost_of(packets_lost) + packets_received, 0)
                when direction = 'out' then lost_of(packets_lost) / nullif(packets_sent, 0) end as loss_ratio
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
select r.session_key, r.stream_key, r.call_key, r.media_session_id, r.lineage as source_id, r.peer, r.kind, r.direction,
       r.measured_by, r.first_at, r.last_at, coalesce(r.codec, c.first_codec) as codec, r.packets_lost, r.packets_received,
       r.packets_sent, r.loss_ratio, r.loss_p95_ratio, r.jitter_p95_ms, r.jitter_max_ms, r.jitter_mean_ms,
       coalesce(r.rtt_p50_ms, r.pair_rtt_p50_ms) as rtt_p50_ms, coalesce(r.rtt_p95_ms, r.pair_rtt_p95_ms) as rtt_p95_ms,
       coalesce(r.rtt_mean_ms, r.pair_rtt_mean_ms) as rtt_mean_ms,
       -- packets lost an event of concealment stand for the length of losses in a row
       case when r.packets_lost > 0 and r.concealment_events > 0
            then greatest(r.packets_lost / r.concealment_events * (1 - r.loss_ratio), 1) end as burst_ratio, r.concealed_ratio, r.audible_concealed_ratio, r.corrected_ratio,
       r.jitter_buffer_ms, r.freezes, r.frozen_ratio, r.freeze_mean_ms, r.frames_per_second, r.harmonic_fps, r.is_silent, r.bitrate, r.nacks, r.plis, r.firs,
       case when r.direction = 'out' then r.pair_outgoing_bitrate end as available_outgoing_bitrate,
       null::double as mos, null::varchar as scale, null::varchar as scope, null::varchar as model, null::varchar as admission,
       null::varchar as verdict, null::varchar as poor_because, r.n
from ranked r
left join first_codecs c
  on c.stream_key is not distinct from r.stream_key and c.call_key is not distinct from r.call_key
 and c.lineage is not distinct from r.lineage and c.peer is not distinct from r.peer and c.kind = r.kind
 and c.direction = r.direction and c.measured_by = r.measured_by
where r.rank = 1
