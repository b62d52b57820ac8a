-- What is there to know of each call?
select invited_at, direction, caller, callee, outcome, ended_how, dropped, post_dial_ms, setup_ms, talk_s, hold_s, sip_status,
       cause, end_info, call_id, session_id, call_key
from chosen_calls
order by invited_at, call_key
