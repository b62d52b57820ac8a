-- Who was each client session, how long did it live and how did it end?
with who as (
    select session_key, min(sent_at) filter (where hook = 'connect') as connected_at,
           bool_or(hook = 'connect' and answer = 'error') as is_declined,
           max(page_origin) as page_origin, max(client_version) as client_version,
           max(media_providers) as media_providers, max(sip_login) as sip_login, max(login) as login
    from own_connection_hooks
    group by session_key
),
stream_facts as (
    select session_key, count(*) as n_streams, max(last_seen_at) filter (where outcome = 'vanished') as vanished_at
    from streams
    group by session_key
),
call_facts as (select session_key, count(*) as n_calls from calls group by session_key)
select e.source_id, e.line, e.byte_offset, e.session_key, e.session_id, e.node_id, e.app_key, w.connected_at, e.established_at,
       e.ended_at, e.first_seen_at, e.last_seen_at,
       us_between(e.established_at, e.ended_at) / 1e6 as lived_s,
       us_between(e.first_seen_at, e.last_seen_at) / 1e6 as observed_s,
       case when e.established_at is null and (e.end_status = 'FAILED' or w.is_declined) then 'refused'
            when e.end_status = 'FAILED' then 'failed'
            when e.ended_at is not null then 'established'
            when s.vanished_at >= e.last_seen_at or n.session_key is not null
              or us_between(e.last_seen_at, c.last_at) > 43_200_000_000 then 'vanished'
            else 'open' end as outcome,
       e.end_status, e.end_info,
       nullif(regexp_extract(e.session_id, '^/\[?([0-9A-Fa-f.:]+?)\]?:\d+/', 1), '') as client_address, w.page_origin,
       a.browser, a.browser_version, a.os, a.user_agent, w.client_version,
       array_to_string(cast(json_extract_string(w.media_providers, '$[*]') as varchar[]), ', ') as media_providers,
       coalesce(w.sip_login, w.login) as user_id, w.sip_login, coalesce(s.n_streams, 0) as n_streams,
       coalesce(k.n_calls, 0) as n_calls, e.n_hooks
from session_ends e
left join who w on w.session_key = e.session_key
left join session_agents a on a.session_key = e.session_key
left join stream_facts s on s.session_key = e.session_key
left join call_facts k on k.session_key = e.session_key
left join followed_sessions n on n.session_key = e.session_key
left join capture_ends c on c.node_id = coalesce(e.node_id, '')
