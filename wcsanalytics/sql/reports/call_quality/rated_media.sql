-- What was measured of the calls and streams asked for, and what must be known to rate it?
-- What belongs to none that is known counts by its own time, unless one call, stream, node or app is asked for.
with calls_measured as (
    select call_key, outcome, answered_at, talk_s, post_dial_ms, cause, node_id, app_key, browser, os, direction as call_direction, media_provider,
           invited_at as began_at
    from chosen_calls
    where call_key in (select call_key from measured_media)
),
streams_measured as (
    select stream_key, started_at, lived_s, cause, audio_codec, video_codec, node_id, app_key, browser, os, role, transport, media_provider,
           coalesce(requested_at, started_at, last_seen_at) as began_at
    from chosen_streams
    where stream_key in (select stream_key from measured_media)
),
measured as (
    select m.* exclude (codec), coalesce(c.talk_s, s.lived_s, us_between(m.first_at, m.last_at) / 1e6) as talk_s,
           -- counters tell of the time up to the last sample, which may come long before the end
           least(talk_s, us_between(coalesce(c.answered_at, s.started_at, m.first_at), m.last_at) / 1e6) as counted_s,
           case when c.call_key is not null then 'call' when s.stream_key is not null then 'stream' else 'not linked' end as about,
           case when c.call_key is not null then c.outcome = 'answered'
                else s.stream_key is null or s.started_at is not null end as is_answered,
           coalesce(m.codec, case m.kind when 'audio' then s.audio_codec when 'video' then s.video_codec end) as codec,
           case coalesce(c.cause, s.cause) when 'ice' then 1 else 0 end as ice_failed, c.post_dial_ms,
           coalesce(m.call_key, m.stream_key, concat_ws(' ', m.source_id, m.peer)) as leg,
           coalesce(c.node_id, s.node_id) as node_id, coalesce(c.app_key, s.app_key) as app_key,
           coalesce(c.browser, s.browser) as browser, coalesce(c.os, s.os) as os, c.call_direction, s.role, s.transport,
           coalesce(c.media_provider, s.media_provider) as media_provider,
           coalesce(c.began_at, s.began_at, m.first_at) as began_at
    from measured_media m
    left join calls_measured c on c.call_key = m.call_key
    left join streams_measured s on s.stream_key = m.stream_key
    where c.call_key is not null or s.stream_key is not null
       or (m.call_key is null and m.stream_key is null and not $is_about_one and $node is null and $app is null
           and ($since is null or m.first_at >= $since) and ($until is null or m.first_at < $until))
)
select about, leg, peer, call_key, stream_key, kind, direction, measured_by, codec, talk_s, is_answered, loss_ratio, loss_p95_ratio, burst_ratio, jitter_ms, jitter_p95_ms,
       jitter_max_ms, rtt_ms, rtt_p50_ms, rtt_p95_ms, concealed_ratio, corrected_ratio, jitter_buffer_ms, freezes, frozen_ratio,
       freeze_mean_ms, fps, harmonic_fps, kbps, nacks, plis, firs, available_outgoing_kbps, ice_failed, post_dial_ms,
       jitter_samples_ms, rtt_samples_ms, loss_samples_ratio, loss_mean_7_ratio, path_samples,
       least_audio_level_deviation, silent, rate_difference_ratio, least_rate_bps, n,
       max(case when counted_s > 0 then counted_s end) over (partition by leg, kind) as counted_s,
       max(packets_received) filter (where direction = 'in') over (partition by leg, kind) as packets_in,
       max(packets_sent) filter (where direction = 'out') over (partition by leg, kind) as packets_out,
       mos, scale, scope, model, admission, verdict, poor_because, node_id, app_key, browser, os, call_direction, role, transport,
       media_provider, began_at
from measured
order by about, leg, kind, direction, measured_by
