-- How did media fare in each direction: what was lost, late, concealed, frozen, sent again, and at which rates?
select about, kind, direction, count(*) as legs, count(loss_ratio) as n_loss, quantile_cont(loss_ratio, 0.5) as loss_p50_ratio,
       quantile_cont(loss_ratio, 0.95) as loss_p95_ratio, quantile_cont(jitter_p95_ms, 0.5) as jitter_p50_ms,
       quantile_cont(jitter_p95_ms, 0.95) as jitter_p95_ms, quantile_cont(rtt_p50_ms, 0.5) as rtt_p50_ms,
       quantile_cont(rtt_p50_ms, 0.95) as rtt_p95_ms, quantile_cont(jitter_buffer_ms, 0.5) as jitter_buffer_p50_ms,
       count(concealed_ratio) as n_concealed, quantile_cont(concealed_ratio, 0.5) as concealed_p50_ratio,
       quantile_cont(concealed_ratio, 0.95) as concealed_p95_ratio, sum(freezes)::bigint as freezes, count(frozen_ratio) as n_frozen,
       quantile_cont(frozen_ratio, 0.5) as frozen_p50_ratio, quantile_cont(frozen_ratio, 0.95) as frozen_p95_ratio,
       quantile_cont(fps, 0.5) as fps_p50, quantile_cont(harmonic_fps, 0.5) as harmonic_fps_p50,
       quantile_cont(kbps, 0.5) as rate_p50_kbps, sum(nacks)::bigint as nacks, sum(plis)::bigint as plis, sum(firs)::bigint as firs
from rated_media
group by about, kind, direction
order by about, kind, direction
