-- What in the calls and streams deserves a look?
with found as (
    select 'call.media_failed' as rule, 'error' as severity, call_id as subject,
           'the call to ' || coalesce(callee, 'an unknown number') || ' got no media: ' || coalesce(nullif(end_info, ''), 'no reason told') as says,
           source_id, line, byte_offset, 1 as grade, invited_at as began_at
    from chosen_calls where outcome = 'media_failed'
    union all
    select 'call.dropped', 'error', call_id,
           'the call was dropped after ' || round(coalesce(talk_s, 0)) || ' s of talk: ' || coalesce(nullif(end_info, ''), ended_how),
           source_id, line, byte_offset, 2, invited_at
    from chosen_calls where dropped
    union all
    select 'call.' || outcome, 'warning', call_id,
           'the call to ' || coalesce(callee, 'an unknown number') || ' failed: '
             || coalesce(nullif(end_info, ''), 'SIP ' || sip_status, end_status, 'no reason told'),
           source_id, line, byte_offset, 3, invited_at
    from chosen_calls where outcome in ('ineffective', 'failed')
    union all
    select 'stream.dropped', 'warning', name,
           role || ' was dropped after ' || round(coalesce(lived_s, 0)) || ' s: ' || coalesce(nullif(end_info, ''), ended_how),
           source_id, line, byte_offset, 4, started_at
    from chosen_streams where dropped and ended_how <> 'publisher_gone'
    union all
    select 'stream.failed_to_start', 'notice', name, role || ' did not start: ' || coalesce(nullif(end_info, ''), 'no reason told'),
           source_id, line, byte_offset, 5, requested_at
    from chosen_streams where outcome = 'failed_to_start'
)
select rule, severity, subject, says, source_id, line, byte_offset
from found
order by grade, began_at, source_id, byte_offset
