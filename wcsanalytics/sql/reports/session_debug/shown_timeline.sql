-- What happened in the sessions shown? With one session, the server's own lines of that time stand among it.
with shown as (
    select s.session_key, s.session_id, s.first_seen_at, s.last_seen_at, count(*) over () as sessions
    from chosen_sessions s
    join shown_sessions w on w.session_key = s.session_key
),
told as (
    -- each by itself: no search by a key can be made where it may be another's
    select t.*, s.session_id, s.first_seen_at as since
    from timeline t
    join shown s on s.session_key = t.session_key
    union all
    select t.*, s.session_id, s.first_seen_at
    from timeline t
    join shown s on t.happened_at between s.first_seen_at and s.last_seen_at
    where t.told_by = 'server_log' and t.session_key is null and s.sessions = 1
)
select t.happened_at, us_between(t.since, t.happened_at) / 1e6 as after_s, t.session_key,
       coalesce(nullif(split_part(t.session_id, '/', 2), ''), t.session_id) as session,
       coalesce(m.name, case c.direction when 'in' then c.caller else c.callee end) as about, t.what, nullif(t.detail, '') as detail,
       t.severity, t.told_by, t.source_id, t.line, t.byte_offset
from told t
left join streams m on m.stream_key = t.stream_key
left join calls c on c.call_key = t.call_key
