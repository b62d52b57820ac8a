-- What went wrong first, and what next?
with found as (
    select 'timeline.' || severity as rule, severity, coalesce(about, session) as subject,
           what || coalesce(': ' || detail, '') || ' (at +' || round(after_s, 1) || ' s)' as says, source_id, line, byte_offset,
           session_key, happened_at
    from shown_timeline
    where severity in ('error', 'warning') and told_by <> 'server_log'
    union all
    select 'session.vanished', 'warning', coalesce(nullif(split_part(s.session_id, '/', 2), ''), s.session_id),
           'the session has no end; last heard of ' || round(s.observed_s)::bigint || ' s after its start', s.source_id, s.line,
           s.byte_offset, s.session_key, s.last_seen_at
    from chosen_sessions s
    join shown_sessions w on w.session_key = s.session_key
    where s.outcome = 'vanished'
    union all
    select 'stream.vanished', 'warning', coalesce(m.name, m.media_session_id),
           m.role || ' has no end; last heard of ' || round(m.observed_s)::bigint || ' s after it was first', m.source_id, m.line,
           m.byte_offset, m.session_key, m.last_seen_at
    from streams m
    join shown_sessions w on w.session_key = m.session_key
    where m.outcome = 'vanished'
)
select rule, severity, subject, says, source_id, line, byte_offset, session_key
from found
order by severity, happened_at, source_id, byte_offset, rule, says
limit 200
