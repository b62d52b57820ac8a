-- Which calls did the sessions have?
select t.invited_at, t.direction, t.caller, t.callee, t.outcome, t.ended_how, t.setup_ms, t.talk_s, t.hold_s, t.sip_status, t.end_info,
       t.call_id, t.session_id
from calls t
where t.session_key in (select session_key from shown_sessions)
order by t.invited_at, t.call_key
