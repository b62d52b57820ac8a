-- Who was each client session, how long did it live and how did it end?
with told as (
    select coalesce(r.life_key, h.session_key) as session_key, h.source_id, h.line, h.byte_offset, h.sent_at, h.hook, h.status,
           h.answer, h.session_id, h.node_id, h.app_key, h.page_origin, h.user_agent, h.client_version, h.media_providers,
           h.sip_login, h.login
    from stored.connection_hooks h
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key and h.sent_at >= r.from_at
        and (r.until_at is null or h.sent_at < r.until_at)
    where h.half is distinct from 'answer' and h.session_key is not null
),
who as (
    select session_key, min(sent_at) filter (where hook = 'connect') as connected_at,
           bool_or(hook = 'connect' and answer = 'error') as is_declined,
           max(page_origin) as page_origin, max(user_agent) as user_agent, max(client_version) as client_version,
           max(media_providers) as media_providers, max(sip_login) as sip_login, max(login) as login
    from told
    group by session_key
),
first_places as (
    select coalesce(r.life_key, h.session_key) as session_key,
           arg_min(h.source_id, (h.sent_at, h.source_id, h.byte_offset)) as source_id,
           arg_min(h.line, (h.sent_at, h.source_id, h.byte_offset)) as line,
           arg_min(h.byte_offset, (h.sent_at, h.source_id, h.byte_offset)) as byte_offset,
           max(h.session_id) as session_id, max(h.app_key) as app_key,
           count(distinct h.media_session_id) as n_media_sessions
    from every_hook h
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key and h.sent_at >= r.from_at
        and (r.until_at is null or h.sent_at < r.until_at)
    where h.half is distinct from 'answer' and h.session_key is not null
    group by coalesce(r.life_key, h.session_key)
),
stream_facts as (
    select session_key, count(*) as n_streams, bool_or(outcome = 'vanished') as has_vanished from streams group by session_key
),
call_facts as (select session_key, count(*) as n_calls from calls group by session_key),
agents as (
    select session_key,
           case when user_agent is null then null
                when user_agent like '%Edg/%' then 'Edge'
                when user_agent like '%OPR/%' then 'Opera'
                when user_agent like '%Firefox/%' or user_agent like '%FxiOS/%' then 'Firefox'
                when user_agent like '%HeadlessChrome/%' or user_agent like '%Chrome/%' or user_agent like '%CriOS/%' then 'Chrome'
                when user_agent like '%Safari/%' then 'Safari'
                else 'other' end as browser,
           nullif(regexp_extract(user_agent, '(?:Edg|OPR|Firefox|FxiOS|CriOS|Chrome|Version)/(\d+)', 1), '') as browser_version,
           case when user_agent is null then null
                when user_agent like '%Windows%' then 'Windows'
                when user_agent like '%Android%' then 'Android'
                when user_agent like '%iPhone%' or user_agent like '%iPad%' then 'iOS'
                when user_agent like '%Mac OS X%' then 'macOS'
                when user_agent like '%Linux%' then 'Linux'
                else 'other' end as os
    from who
)
select f.source_id, f.line, f.byte_offset, e.session_key, f.session_id, e.node_id, f.app_key, w.connected_at, e.established_at,
       e.ended_at, e.first_seen_at, e.last_seen_at,
       date_diff('microsecond', e.established_at, e.ended_at) / 1e6 as lived_s,
       date_diff('microsecond', e.first_seen_at, e.last_seen_at) / 1e6 as observed_s,
       case when e.established_at is null and (e.end_status = 'FAILED' or (w.is_declined and e.n_hooks = 1)) then 'refused'
            when e.end_status = 'FAILED' then 'failed'
            when e.ended_at is not null then 'established'
            when s.has_vanished or n.session_key is not null or date_diff('second', e.last_seen_at, c.last_at) > 43200 then 'vanished'
            else 'open' end as outcome,
       e.end_status, e.end_info,
       nullif(regexp_extract(f.session_id, '^/\[?([0-9A-Fa-f.:]+?)\]?:\d+/', 1), '') as client_address, w.page_origin,
       a.browser, a.browser_version, a.os, w.user_agent, w.client_version,
       array_to_string(cast(json_extract_string(w.media_providers, '$[*]') as varchar[]), ', ') as media_providers,
       coalesce(w.sip_login, w.login) as user_id, w.sip_login, coalesce(s.n_streams, 0) as n_streams,
       coalesce(k.n_calls, 0) as n_calls, e.n_hooks
from session_ends e
join first_places f on f.session_key = e.session_key
left join who w on w.session_key = e.session_key
left join agents a on a.session_key = e.session_key
left join stream_facts s on s.session_key = e.session_key
left join call_facts k on k.session_key = e.session_key
left join followed_sessions n on n.session_key = e.session_key
left join capture_ends c on c.node_id = coalesce(e.node_id, '')
