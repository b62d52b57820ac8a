-- Which calls went worst, and where is that told? Failures first, then drops, poor media, refusals, the slowest to set up.
with worst as (
    select c.invited_at, c.direction, c.caller, c.callee, c.outcome, case when c.dropped then 'dropped' else c.ended_how end as ended_how,
           coalesce(nullif(c.end_info, ''), 'SIP ' || c.sip_status) as reason, c.setup_ms, c.talk_s, m.mos, m.loss_ratio, m.poor_because,
           c.source_id, c.line, c.call_id, c.call_key,
           case when c.outcome = 'media_failed' then 0 when c.outcome = 'failed' then 1 when c.outcome = 'ineffective' then 2
                when c.dropped then 3 when m.verdict = 'poor' then 4 when c.outcome = 'answered' then 6 else 5 end as grade
    from chosen_calls c
    left join call_media m on m.call_key = c.call_key
    where c.outcome in ('ineffective', 'media_failed', 'failed', 'refused') or c.dropped or c.setup_ms > 10000 or m.verdict = 'poor'
    order by grade, mos, setup_ms desc nulls last, c.invited_at, c.call_key
    limit 20
)
select w.invited_at, w.direction, w.caller, w.callee, w.outcome, w.ended_how, w.reason, w.setup_ms, w.talk_s, w.mos, w.loss_ratio, w.poor_because,
       s.path || coalesce('!' || s.member, '') || ':' || w.line as place, w.call_id
from worst w
left join facts.sources s on s.source_id = w.source_id
order by w.grade, w.mos, w.setup_ms desc nulls last, w.invited_at, w.call_key
