-- Which sessions, streams and calls have an id, a name, a user or an address that holds one of the texts?
with texts as (select lower(unnest($texts)) as text)
select 'session' as kind, session_key as key, session_id as id, coalesce(user_id, client_address) as name, first_seen_at as began_at,
       outcome, '--session ' || session_key as debug
from chosen_sessions
where exists (
    from texts
    where contains(lower(concat_ws(' ', session_key, session_id, user_id, sip_login, client_address, page_origin, app_key)), text)
)
union all
select 'stream', stream_key, media_session_id, name, coalesce(requested_at, started_at, last_seen_at), outcome,
       '--stream ' || stream_key
from chosen_streams
where exists (from texts where contains(lower(concat_ws(' ', stream_key, media_session_id, name)), text))
union all
select 'call', call_key, call_id, concat_ws(' to ', caller, callee), invited_at, outcome, '--call ' || call_key
from chosen_calls
where exists (from texts where contains(lower(concat_ws(' ', call_key, call_id, caller, callee)), text))
order by began_at, kind, key
