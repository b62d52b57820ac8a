-- How did media fare as time went by, in each direction? In steps that make at most some 120 of the whole time.
with steps as (
    select r.kind, r.direction, r.since_at, r.until_at, r.packets_lost, r.packets_received, r.loss_ratio, r.jitter_ms, r.rtt_ms,
           r.jitter_buffer_ms, r.concealed_samples, r.samples_received, r.bitrate, r.frames_per_second, r.freezes, r.nacks, r.plis
    from media_reports r
    join rated_media m on m.leg = coalesce(r.call_key, r.stream_key, concat_ws(' ', r.lineage, r.peer)) and m.kind = r.kind
        and m.direction = r.direction and m.measured_by = r.measured_by and m.peer is not distinct from r.peer
    where r.since_at is not null and not r.is_told_again
),
span as (select us_between(min(since_at), max(until_at)) / 1e6 as span_s from steps),
step as (
    select coalesce(min(s), 604800) as step_s
    from span, unnest([1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400]) round_times(s)
    where s * 120 >= span_s
)
select time_bucket(to_seconds(step_s), until_at) as step_at, kind || ' ' || direction as media, count(*) as n,
       case direction when 'in' then sum(lost_of(packets_lost)) filter (where packets_received is not null)
                                     / nullif(sum(lost_of(packets_lost) + packets_received), 0)
                      else exact_mean(loss_ratio) end as loss_ratio,
       quantile_cont(jitter_ms, 0.5) as jitter_p50_ms, quantile_cont(rtt_ms, 0.5) as rtt_p50_ms,
       quantile_cont(jitter_buffer_ms, 0.5) as jitter_buffer_p50_ms,
       sum(concealed_samples) / nullif(sum(samples_received), 0) as concealed_ratio,
       quantile_cont(bitrate, 0.5) / 1000 as rate_p50_kbps, quantile_cont(frames_per_second, 0.5) as fps_p50,
       sum(freezes)::bigint as freezes, sum(nacks)::bigint as nacks, sum(plis)::bigint as plis
from steps, step
group by step_at, kind, direction
order by step_at, media
