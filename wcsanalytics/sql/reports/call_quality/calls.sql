-- What is there to know of each call?
select c.invited_at, c.direction, c.caller, c.callee, c.outcome, c.decided_by, c.ended_how, c.dropped,
       coalesce(nullif(c.end_info, ''), 'SIP ' || c.sip_status, c.end_status) as reason, c.sip_status, c.cause, c.cause_group, c.end_info,
       c.dropped and c.ended_how = 'failed' as dropped_strict, c.hook_wait_ms, c.post_dial_ms, c.ring_ms, c.setup_ms, c.talk_s, c.hold_s, c.holds, c.dtmf_count, c.transfers, c.disconnect_ms,
       case when c.caller is not null and c.callee is not null then r.call_key is not null end as is_repeat,
       m.mos, m.mos_of, m.mos_low, m.mos_high, m.verdict as media_verdict, m.poor_because, m.admission, m.is_one_way, m.loss_ratio,
       m.jitter_ms, m.rtt_ms, c.app_key, c.node_id, c.browser, c.os, c.call_id, c.session_id, c.call_key, p.path, p.member, c.line
from chosen_calls c
left join repeated_calls r on r.call_key = c.call_key
left join call_media m on m.call_key = c.call_key
left join facts.sources p on p.source_id = c.source_id
order by c.invited_at, c.call_key
