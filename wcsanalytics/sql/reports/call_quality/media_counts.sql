-- What do the media samples of these calls and streams tell: of all, or of each part?
with legs as (
    select *, part($by, node := node_id, app := app_key, browser := browser, os := os, role := role, direction := call_direction,
                   codec := codec, transport := transport, provider := media_provider, began_at := began_at) as part,
           case when is_admitted and mos is not null
                then concat_ws('|', scale, scope, model, standing, bpl_source, delay_term) end as score,
           is_admitted and kind = 'audio' and mos_high > mos_low as is_compared
    from rated_media
)
select part, count(*) as legs, count(loss_ratio) as losses, quantile_cont(loss_ratio, 0.5) as loss_p50_ratio,
       count(jitter_p95_ms) as jitters, quantile_cont(jitter_p95_ms, 0.5) as jitter_ms, count(rtt_p50_ms) as round_trips,
       quantile_cont(rtt_p50_ms, 0.5) as rtt_ms, count(score) as scores, count(distinct score) as kinds_of_score,
       -- scores of several kinds have no common median
       case when kinds_of_score = 1 then scores else 0 end as like_scores,
       case when kinds_of_score = 1 then quantile_cont(mos, 0.5) filter (where score is not null) end as mos_p50,
       count(score) filter (where is_delay_estimated) as scores_estimated, count(*) filter (where is_compared) as compared,
       count(*) filter (where is_compared and is_bad_mos(mos_low) and not is_bad_mos(mos_high)) as undecided,
       mode(why_no_mos order by why_no_mos) filter (where kind = 'audio' and mos is null) as why_no_mos,
       count(*) filter (where verdict in ('good', 'poor') and is_admitted) as judged,
       count(*) filter (where verdict = 'poor' and is_admitted) as poor,
       count(distinct call_key) as calls, count(distinct call_key) filter (where admission = 'no_rtp') as one_way_calls
from legs
group by part
order by part
