-- Which lines did the clients push?
with pushed as (
    select h.source_id, h.line, h.byte_offset, coalesce(r.life_key, h.session_key) as session_key, h.session_id, h.node_id,
           h.sent_at as pushed_at,
           unnest(list_filter(string_split(h.logs, chr(10)), lambda one: trim(one) <> '')) as text,
           generate_subscripts(list_filter(string_split(h.logs, chr(10)), lambda one: trim(one) <> ''), 1) as nth
    from stored.diagnostic_hooks h
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key and h.sent_at >= r.from_at
        and (r.until_at is null or h.sent_at < r.until_at)
    where h.half is distinct from 'answer' and h.hook = 'pushLogs' and h.logs is not null
),
parted as (
    -- a source may hold " - " itself: the message is the first remainder that reads as JSON, else the first remainder
    select *, regexp_extract(text, '^(\d\d:\d\d:\d\d) (TRACE|DEBUG|INFO|WARN|ERROR) (.*?) - ((?:["\[{]|-?\d|(?:true|false|null|undefined)$).*)$',
                             ['clock', 'level', 'logger', 'message']) as web,
           regexp_extract(text, '^(\d\d:\d\d:\d\d) (TRACE|DEBUG|INFO|WARN|ERROR) (.*?) - (.*)$',
                          ['clock', 'level', 'logger', 'message']) as loose,
           regexp_extract(text, '^UTC (\d\d:\d\d:\d\d\.\d{3}) - (.*)$', ['clock', 'message']) as old
    from pushed
)
select source_id, line, byte_offset, session_key, session_id, node_id, null::timestamptz as logged_at, pushed_at,
       coalesce(nullif(web.clock, ''), nullif(loose.clock, ''), nullif(old.clock, '')) as clock,
       coalesce(nullif(web.level, ''), nullif(loose.level, '')) as level,
       coalesce(nullif(web.logger, ''), nullif(loose.logger, '')) as logger, null::varchar as thread,
       coalesce(nullif(web.message, ''), nullif(loose.message, ''), nullif(old.message, ''), text) as text, nth
from parted
