-- What became of each call leg? It stands at the record that ended it, else at the last that tells of it.
with told as (
    select source_id, line, byte_offset, nth, call_key, session_key, sent_at, answered_at, hook, answer, status, info, node_id,
           app_key, session_id, call_id, incoming, caller, callee, sip_status, media_provider, hook in ('call', 'OnCallEvent') as invites,
           hook = 'CallStatusEvent' and status in ('FINISH', 'BUSY', 'FAILED') as ends,
           deciding_order(nth, ends) as weight
    from own_call_hooks
),
phases as (
    -- statuses that differ from the one before, of the few calls that were held; HOLD may be told twice
    select call_key, status, sent_at, lead(sent_at) over (partition by call_key order by nth) as until_at
    from (select call_key, status, sent_at, nth, lag(status) over (partition by call_key order by nth) as before
          from own_call_hooks
          where hook = 'CallStatusEvent'
            and call_key in (select call_key from own_call_hooks where hook = 'CallStatusEvent' and status = 'HOLD'))
    where status is distinct from before
),
held as (
    select call_key, count(*) as holds, sum(us_between(sent_at, until_at)) / 1e6 as hold_s,
           max(sent_at) filter (where until_at is null) as last_held_at
    from phases
    where status = 'HOLD'
    group by call_key
),
legs as (
    -- call and session id stand in the key: any row tells them; the keys of the lives of a session sort by time
    select call_key, arg_max(source_id, weight) as source_id, arg_max(line, weight) as line,
           arg_max(byte_offset, weight) as byte_offset, min(session_key) as session_key, any_value(call_id) as call_id,
           any_value(session_id) as session_id, max(node_id) as node_id, max(app_key) as app_key,
           coalesce(bool_or(hook in ('OnCallEvent', 'answer') or incoming), false) as is_incoming,
           arg_min(nullif(caller, ''), nth) as caller, arg_min(nullif(callee, ''), nth) as callee,
           bool_or(invites) as is_invited, min(sent_at) filter (where invites) as asked_at, min(sent_at) as first_at,
           coalesce(asked_at, first_at) as invited_at,
           arg_min(answered_at, nth) filter (where invites) as invite_answered_at,
           bool_or(hook = 'call' and answer = 'error') and not bool_or(hook = 'CallStatusEvent') as is_refused_by_backend,
           min(sent_at) filter (where status in ('RING', 'RING_MEDIA', 'SESSION_PROGRESS')
                                and hook in ('CallStatusEvent', 'OnCallEvent')) as ringing_at,
           min(sent_at) filter (where hook = 'CallStatusEvent' and status = 'ESTABLISHED') as answered_at,
           min(sent_at) filter (where hook = 'hangup') as hung_up_at, min(sent_at) filter (where ends) as told_end_at,
           arg_min_null(status, nth) filter (where ends) as end_status, arg_min_null(info, nth) filter (where ends) as end_info,
           arg_min_null(sip_status, nth) filter (where ends) as sip_status,
           count(*) filter (where hook = 'sendDtmf') as dtmf_count, count(*) filter (where hook = 'transfer') as transfers,
           max(sent_at) as last_seen_at, max(media_provider) as media_provider,
           coalesce(bool_or(hook in ('CallStatusEvent', 'OnCallEvent') and status not in ('NEW', 'PENDING')), false) as seized,
           bool_or(status is not null or hook in ('call', 'OnCallEvent', 'answer', 'hangup')) as is_call
    from told
    group by call_key
),
session_closings as (
    -- all that calls ask of sessions; views of sessions ask all their hooks
    select session_key, max(sent_at) as ended_at
    from own_connection_hooks
    where hook = 'ConnectionStatusEvent' and status in ('DISCONNECTED', 'FAILED')
    group by session_key
),
with_session as (
    select l.*, coalesce(l.told_end_at, case when s.ended_at >= l.invited_at then s.ended_at end) as ended_at,
           coalesce(c.cause, case when coalesce(trim(l.end_info), '') = '' then 'none' else 'unknown' end) as cause,
           coalesce(c.cause_group, case when coalesce(trim(l.end_info), '') = '' then 'none' else 'other' end) as cause_group,
           coalesce(h.holds, 0) as holds, h.hold_s as told_hold_s, h.last_held_at
    from legs l
    left join session_closings s on s.session_key = l.session_key
    left join held h on h.call_key = l.call_key
    left join facts.causes c on c.about = 'call' and c.text = lower(trim(l.end_info))
    where l.is_call
),
judged as (
    -- outcome and what decided it, evidence in its order: an answer, who hung up, SIP status, reason, path
    select *, coalesce(hung_up_at <= ended_at, false) as hung_up,
           coalesce(told_hold_s, 0) + coalesce(us_between(last_held_at, ended_at) / 1e6, 0) as hold_s,
           case when answered_at is not null then 'answered path'
                when is_refused_by_backend then 'refused path'
                when ended_at is null then 'open open'
                when end_status = 'FAILED' and cause in ('ice', 'dtls', 'media_inactivity') then 'media_failed info'
                when hung_up_at <= ended_at then case when is_incoming then 'declined path' else 'abandoned path' end
                when sip_status in (486, 600) then 'busy sip_status'
                when sip_status = 603 then 'declined sip_status'
                when sip_status = 487 then 'abandoned sip_status'
                when sip_status in (401, 403, 404, 407, 484, 488) then 'refused sip_status'
                when sip_status = 480 or (sip_status = 408 and ringing_at is not null) then 'no_answer sip_status'
                when sip_status in (408, 500, 503, 504) then 'ineffective sip_status'
                when cause = 'timeout' then 'ineffective info'
                when end_status = 'BUSY' then 'busy path'
                when end_status is null then case when is_incoming then 'no_answer path' else 'abandoned path' end
                when ringing_at is not null and end_status = 'FINISH' then 'no_answer path'
                else 'failed path' end as judgement
    from with_session
)
select source_id, line, byte_offset, call_key, session_key, call_id, session_id, node_id, app_key,
       case when is_incoming then 'in' else 'out' end as direction, caller, callee, invited_at, ringing_at, answered_at, ended_at,
       case when not is_incoming then us_between(asked_at, ringing_at) / 1000.0 end as post_dial_ms,
       us_between(asked_at, answered_at) / 1000.0 as setup_ms,
       us_between(asked_at, invite_answered_at) / 1000.0 as hook_wait_ms,
       case when ringing_at <= coalesce(answered_at, ended_at)
            then us_between(ringing_at, coalesce(answered_at, ended_at)) / 1000.0 end as ring_ms,
       case when hung_up and end_status is not null then us_between(hung_up_at, ended_at) / 1000.0 end as disconnect_ms,
       case when answered_at <= ended_at
            then greatest(us_between(answered_at, ended_at) / 1e6 - hold_s, 0) end as talk_s,
       hold_s, holds, dtmf_count, transfers, split_part(judgement, ' ', 1) as outcome,
       case when ended_at is null then 'open'
            when end_status is null and not hung_up then 'session_lost'
            when end_status = 'FAILED' then 'failed'
            when hung_up then 'asked'
            else 'far_end' end as ended_how,
       case when answered_at is not null and ended_at is not null
            then end_status is not distinct from 'FAILED' or (end_status is null and not hung_up) end as dropped,
       end_status, end_info, sip_status, cause, cause_group, split_part(judgement, ' ', 2) as decided_by, last_seen_at,
       media_provider, seized, coalesce(asked_at > first_at, not is_invited) as left_truncated
from judged
