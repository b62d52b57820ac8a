-- What in the calls and streams deserves a look?
with legs as (
    select call_key, case direction when 'in' then 'call from ' || coalesce(caller, 'unknown') else 'call to ' || coalesce(callee, 'unknown') end as subject,
           coalesce(nullif(end_info, ''), 'SIP ' || sip_status, end_status, 'no reason told') as reason, outcome, dropped, talk_s, source_id,
           line, byte_offset, invited_at, session_key
    from chosen_calls
),
found as (
    select 'call.wave' as rule, 'error' as severity, coalesce(node_id, 'node not told') as subject,
           failures || ' calls and streams failed within ' || round(lasted_s, 1) || ' s: ' || cause as says, source_id, line, byte_offset,
           0 as grade, began_at, session_key
    from failure_waves
    union all
    select 'call.media_failed', 'error', subject, 'no media: ' || reason, source_id, line, byte_offset, 1, invited_at, session_key
    from legs where outcome = 'media_failed'
    union all
    select 'call.dropped', 'error', subject, 'dropped after ' || round(coalesce(talk_s, 0))::bigint || ' s of talk: ' || reason, source_id,
           line, byte_offset, 2, invited_at, session_key
    from legs where dropped
    union all
    select case when m.is_one_way then 'call.one_way' else 'call.poor_media' end, 'warning', subject, 'poor media: ' || m.poor_because,
           source_id, line, byte_offset, case when m.is_one_way then 3 else 4 end, invited_at, session_key
    from legs
    join call_media m on m.call_key = legs.call_key
    where m.verdict = 'poor'
    union all
    select 'call.' || outcome, 'warning', subject, 'failed to set up: ' || reason, source_id, line, byte_offset, 4, invited_at, session_key
    from legs where outcome in ('ineffective', 'failed')
    union all
    select 'stream.dropped', case when ended_how = 'failed' then 'error' else 'warning' end, coalesce(name, media_session_id),
           role || ' dropped after ' || round(coalesce(lived_s, 0))::bigint || ' s: ' || coalesce(nullif(end_info, ''), ended_how), source_id,
           line, byte_offset, case when ended_how = 'failed' then 3 else 5 end, started_at, session_key
    from chosen_streams where dropped and ended_how <> 'publisher_gone'
    union all
    select 'stream.poor_media', 'warning', coalesce(s.name, s.media_session_id, m.peer),
           'poor media: ' || concat_ws(' ', m.kind, m.direction, m.poor_because), s.source_id, s.line, s.byte_offset, 5, m.began_at,
           s.session_key
    from rated_media m
    left join chosen_streams s on s.stream_key = m.stream_key
    where m.verdict = 'poor' and m.call_key is null
    union all
    select 'stream.failed_to_start', case when cause in ('not_found', 'client_misuse') then 'notice' else 'warning' end,
           coalesce(name, media_session_id), role || ' did not start: ' || coalesce(nullif(end_info, ''), 'no reason told'), source_id, line,
           byte_offset, case when cause in ('not_found', 'client_misuse') then 7 else 6 end, requested_at, session_key
    from chosen_streams where outcome = 'failed_to_start'
)
select rule, severity, subject, says, source_id, line, byte_offset, session_key
from found
order by grade, began_at, source_id, byte_offset, says
