-- What do the media of each call come to, all directions and kinds together? The worst of them speaks.
with legs as (
    -- media that came one way only are so of both directions: that is said once
    select *, case when admission = 'no_rtp' then poor_because else concat_ws(' ', kind, direction, poor_because) end as says
    from rated_media
    where call_key is not null
)
select call_key, min(mos) as mos, arg_min(concat_ws(' ', scale, scope, model), mos) as mos_of, min(mos_low) as mos_low,
       max(mos_high) as mos_high, max(loss_ratio) as loss_ratio, max(jitter_ms) as jitter_ms, max(rtt_ms) as rtt_ms,
       bool_or(admission = 'no_rtp') as is_one_way, string_agg(distinct admission, ', ' order by admission) as admission,
       case when bool_or(verdict = 'poor') then 'poor' when bool_or(verdict = 'good') then 'good' else 'unclassified' end as verdict,
       string_agg(distinct says, '; ' order by says) filter (where verdict = 'poor') as poor_because
from legs
group by call_key
order by call_key
