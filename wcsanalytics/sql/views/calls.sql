-- What became of each call leg?
with told as (
    select source_id, line, byte_offset, call_key, session_key, sent_at, answered_at, hook, answer, status, info, node_id, app_key,
           session_id, call_id, incoming, caller, callee, sip_status, target, hook in ('call', 'OnCallEvent') as invites,
           hook = 'CallStatusEvent' and status in ('FINISH', 'BUSY', 'FAILED') as ends
    from own_call_hooks
),
phases as (
    select call_key, status,
           date_diff('microsecond', sent_at,
                     lead(sent_at) over (partition by call_key order by sent_at, source_id, byte_offset)) / 1e6 as lasted_s
    from told
    where hook = 'CallStatusEvent'
),
held as (
    select call_key, sum(lasted_s) as hold_s, count(*) as holds from phases where status = 'HOLD' group by call_key
),
legs as (
    select call_key, arg_min(source_id, (sent_at, source_id, byte_offset)) as source_id,
           arg_min(line, (sent_at, source_id, byte_offset)) as line,
           arg_min(byte_offset, (sent_at, source_id, byte_offset)) as byte_offset,
           arg_min(hook, (sent_at, source_id, byte_offset)) as first_hook,
           arg_min(session_key, sent_at) as session_key, max(call_id) as call_id, max(session_id) as session_id,
           max(node_id) as node_id, max(app_key) as app_key,
           coalesce(bool_or(hook in ('OnCallEvent', 'answer') or incoming), false) as is_incoming,
           arg_min(caller, sent_at) filter (where caller <> '') as caller,
           arg_min(callee, sent_at) filter (where callee <> '') as callee,
           coalesce(min(sent_at) filter (where invites), min(sent_at)) as invited_at,
           bool_or(hook = 'call' and answer = 'error') and not bool_or(hook = 'CallStatusEvent') as is_declined_by_backend,
           arg_min(answered_at, sent_at) filter (where invites) as invite_answered_at,
           min(sent_at) filter (where status in ('RING', 'RING_MEDIA', 'SESSION_PROGRESS')
                                and hook in ('CallStatusEvent', 'OnCallEvent')) as ringing_at,
           min(sent_at) filter (where hook = 'CallStatusEvent' and status = 'ESTABLISHED') as answered_at,
           min(sent_at) filter (where ends) as ended_at,
           min(sent_at) filter (where hook = 'hangup') as hung_up_at,
           arg_min(status, sent_at) filter (where ends) as end_status,
           arg_min(info, sent_at) filter (where ends) as end_info,
           arg_min(sip_status, sent_at) filter (where ends) as sip_status,
           count(*) filter (where hook = 'sendDtmf') as dtmf_count,
           count(*) filter (where hook = 'transfer') as transfers, max(sent_at) as last_seen_at,
           count(*) filter (where status is not null or hook in ('call', 'OnCallEvent', 'answer', 'hangup')) > 0 as is_call
    from told
    group by call_key
),
with_session as (
    select l.*, coalesce(l.ended_at, case when s.ended_at >= l.invited_at then s.ended_at end) as over_at,
           l.ended_at is null and s.ended_at >= l.invited_at as ended_with_session,
           coalesce(c.cause, case when coalesce(trim(l.end_info), '') = '' then 'none' else 'unknown' end) as cause,
           coalesce(c.cause_group, case when coalesce(trim(l.end_info), '') = '' then 'none' else 'other' end) as cause_group,
           h.hold_s, h.holds
    from legs l
    left join session_ends s on s.session_key = l.session_key
    left join held h on h.call_key = l.call_key
    left join facts.causes c on c.about = 'call' and c.text = lower(trim(l.end_info))
    where l.is_call
),
judged as (
    -- evidence in its order: an answer, SIP status, reason, path
    select *,
           case when answered_at is not null then 'answered'
                when is_declined_by_backend then 'refused'
                when over_at is null then 'open'
                when cause_group in ('network_setup', 'media_loss') and cause <> 'timeout' then 'media_failed'
                when is_incoming and hung_up_at is not null then 'declined'
                when not is_incoming and hung_up_at is not null and hung_up_at <= over_at then 'abandoned'
                when end_status = 'BUSY' or sip_status in (486, 600) then 'busy'
                when sip_status = 603 then 'declined'
                when sip_status in (401, 403, 404, 407, 484, 488) then 'refused'
                when sip_status = 480 or (sip_status = 408 and ringing_at is not null) then 'no_answer'
                when sip_status in (408, 500, 503, 504) or cause = 'timeout' then 'ineffective'
                when sip_status = 487 and not is_incoming then 'abandoned'
                when ended_with_session then case when is_incoming then 'no_answer' else 'abandoned' end
                when ringing_at is not null and end_status = 'FINISH' then 'no_answer'
                else 'failed' end as outcome,
           case when answered_at is not null then 'path'
                when is_declined_by_backend then 'path'
                when over_at is null then 'open'
                when cause_group in ('network_setup', 'media_loss') and cause <> 'timeout' then 'info'
                when hung_up_at is not null and hung_up_at <= over_at then 'path'
                when end_status = 'BUSY' and sip_status is null then 'path'
                when sip_status in (486, 600, 603, 401, 403, 404, 407, 484, 488, 480, 408, 500, 503, 504, 487) then 'sip_status'
                when cause = 'timeout' then 'info'
                else 'path' end as decided_by
    from with_session
)
select source_id, line, byte_offset, call_key, session_key, call_id, session_id, node_id, app_key,
       case when is_incoming then 'in' else 'out' end as direction, caller, callee, invited_at, ringing_at, answered_at,
       over_at as ended_at,
       case when not is_incoming then date_diff('microsecond', invited_at, ringing_at) / 1000.0 end as post_dial_ms,
       date_diff('microsecond', invited_at, answered_at) / 1000.0 as setup_ms,
       date_diff('microsecond', invited_at, invite_answered_at) / 1000.0 as hook_wait_ms,
       case when answered_at is not null and over_at is not null
            then greatest(date_diff('microsecond', answered_at, over_at) / 1e6 - coalesce(hold_s, 0), 0) end as talk_s,
       coalesce(hold_s, 0)::double as hold_s, coalesce(holds, 0) as holds, dtmf_count, transfers, outcome,
       case when over_at is null then 'open'
            when ended_with_session then 'session_lost'
            when end_status = 'FAILED' then 'failed'
            when hung_up_at is not null and hung_up_at <= over_at then 'asked'
            else 'far_end' end as ended_how,
       case when answered_at is null or over_at is null then null
            else end_status is not distinct from 'FAILED' or ended_with_session end as dropped,
       end_status, end_info, sip_status, cause, cause_group, decided_by, last_seen_at,
       first_hook not in ('call', 'OnCallEvent') as left_truncated
from judged
