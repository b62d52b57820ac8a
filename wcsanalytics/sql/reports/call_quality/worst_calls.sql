-- Which calls went worst, and where is that told? Failures first, then drops, refusals, the slowest to set up.
with worst as (
    select invited_at, direction, caller, callee, outcome, case when dropped then 'dropped' else ended_how end as ended_how,
           coalesce(nullif(end_info, ''), 'SIP ' || sip_status) as reason, setup_ms, talk_s, source_id, line, call_id, call_key,
           case when outcome = 'media_failed' then 0 when outcome = 'failed' then 1 when outcome = 'ineffective' then 2 when dropped then 3
                when outcome = 'answered' then 5 else 4 end as grade
    from chosen_calls
    where outcome in ('ineffective', 'media_failed', 'failed', 'refused') or dropped or setup_ms > 10000
    order by grade, setup_ms desc nulls last, invited_at, call_key
    limit 20
)
select w.invited_at, w.direction, w.caller, w.callee, w.outcome, w.ended_how, w.reason, w.setup_ms, w.talk_s,
       s.path || coalesce('!' || s.member, '') || ':' || w.line as place, w.call_id
from worst w
left join facts.sources s on s.source_id = w.source_id
order by w.grade, w.setup_ms desc nulls last, w.invited_at, w.call_key
