-- With which browser, on which system, did each client session come?
with told as (
    select session_key, max(user_agent) as user_agent
    from own_connection_hooks
    group by session_key
),
agents as (
    -- there are many sessions and few browsers
    select user_agent,
           case when regexp_matches(user_agent, 'Edg(A|iOS)?/') then 'Edge'
                when user_agent like '%OPR/%' then 'Opera'
                when user_agent like '%Firefox/%' or user_agent like '%FxiOS/%' then 'Firefox'
                when user_agent like '%Chrome/%' or user_agent like '%CriOS/%' then 'Chrome'
                when user_agent like '%Safari/%' then 'Safari'
                else 'other' end as browser,
           -- the makers name each other: the name that only one of them bears comes first
           coalesce(nullif(regexp_extract(user_agent, '(?:Edg|EdgA|EdgiOS|OPR|Firefox|FxiOS)/(\d+)', 1), ''),
                    nullif(regexp_extract(user_agent, '(?:Chrome|CriOS)/(\d+)', 1), ''),
                    nullif(regexp_extract(user_agent, 'Version/(\d+)', 1), '')) as browser_version,
           case when user_agent like '%Windows%' then 'Windows'
                when user_agent like '%Android%' then 'Android'
                when user_agent like '%iPhone%' or user_agent like '%iPad%' then 'iOS'
                when user_agent like '%Mac OS X%' then 'macOS'
                when user_agent like '%Linux%' then 'Linux'
                else 'other' end as os
    from (select distinct user_agent from told where user_agent is not null)
)
select t.session_key, t.user_agent, a.browser, a.browser_version, a.os
from told t
left join agents a on a.user_agent = t.user_agent
