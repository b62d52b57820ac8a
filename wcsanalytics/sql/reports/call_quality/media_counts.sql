-- What do the media samples of these calls and streams tell?
select count(*) as legs, count(loss_ratio) as losses, quantile_cont(loss_ratio, 0.5) as loss_p50_ratio, count(jitter_p95_ms) as jitters,
       quantile_cont(jitter_p95_ms, 0.5) as jitter_ms, count(rtt_p50_ms) as round_trips, quantile_cont(rtt_p50_ms, 0.5) as rtt_ms,
       count(mos) filter (where is_admitted) as scores,
       count(distinct (scale, scope, model)) filter (where mos is not null and is_admitted) as kinds_of_score,
       quantile_cont(mos, 0.5) filter (where is_admitted) as mos_p50,
       (select why_no_mos from rated_media where kind = 'audio' and mos is null
        group by why_no_mos order by count(*) desc, why_no_mos limit 1) as why_no_mos,
       count(*) filter (where verdict in ('good', 'poor') and is_admitted) as judged,
       count(*) filter (where verdict = 'poor' and is_admitted) as poor,
       count(distinct call_key) as calls, count(distinct call_key) filter (where admission = 'no_rtp') as one_way_calls
from rated_media
