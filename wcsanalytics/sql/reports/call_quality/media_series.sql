-- What do the samples of each media session tell one after the other? Only where the rules look at samples in a row.
with samples as (
    select stream_key, call_key, lineage, peer, kind, direction, measured_by, until_at, jitter_ms, rtt_ms, loss_ratio,
           case when count(loss_ratio) over last_seven = 7 then avg(loss_ratio) over last_seven end as loss_mean_7_ratio,
           -- levels are told as 0..1, and asked for as 0..32767
           case when count(audio_level) over last_ten = 10 then stddev_pop(audio_level) over last_ten * 32767 end as level_deviation
    from media_reports
    where $by_samples and direction is not null and since_at is not null and not is_told_again
    window last_seven as (
        partition by stream_key, call_key, lineage, peer, kind, direction, measured_by, report_type, report_id order by until_at
        rows between 6 preceding and current row
    ),
    last_ten as (
        partition by stream_key, call_key, lineage, peer, kind, direction, measured_by, report_type, report_id order by until_at
        rows between 9 preceding and current row
    )
)
select stream_key, call_key, lineage as source_id, peer, kind, direction, measured_by,
       list(jitter_ms order by until_at) filter (where jitter_ms is not null) as jitter_samples_ms,
       list(rtt_ms order by until_at) filter (where rtt_ms is not null) as rtt_samples_ms,
       list(loss_ratio order by until_at) filter (where loss_ratio is not null) as loss_samples_ratio,
       list({'rtt_ms': rtt_ms, 'jitter_ms': jitter_ms, 'loss_ratio': loss_ratio} order by until_at)
         filter (where rtt_ms + jitter_ms + loss_ratio is not null) as path_samples,
       max(loss_mean_7_ratio) as loss_mean_7_ratio, min(level_deviation) as least_audio_level_deviation
from samples
group by stream_key, call_key, source_id, peer, kind, direction, measured_by
order by all
