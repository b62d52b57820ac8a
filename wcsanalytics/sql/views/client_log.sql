-- Which lines did the clients log, pushed or in files? A line that was pushed too counts once, as it was pushed.
with hook_pushes as (
    select h.source_id, h.line, h.byte_offset, coalesce(r.life_key, h.session_key) as session_key, h.session_id, h.node_id,
           h.sent_at as pushed_at, h.logs, 1 as turn
    from stored.diagnostic_hooks h
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key and h.sent_at >= r.from_at
        and (r.until_at is null or h.sent_at < r.until_at)
    where h.half is distinct from 'answer' and h.hook = 'pushLogs' and h.logs is not null
),
pushes as (
    select source_id, line, byte_offset, session_key, session_id, node_id, pushed_at, logs, turn, source_id as pusher
    from hook_pushes
    union all
    -- a push over WebSocket is the push that a hook tells: it counts where no hook tells of any push of its session
    select m.source_id, m.line, m.byte_offset, m.session_key, m.session_id, m.node_id, m.happened_at, m.logs, m.nth,
           concat_ws(' ', m.source_id, m.connection)
    from client_messages m
    where m.hook = 'pushLogs' and m.logs is not null
      and coalesce(m.session_key not in (select session_key from hook_pushes where session_key is not null), true)
),
cut_up as (
    -- a message of an old client may span lines: a line begins with a time
    select source_id, line, byte_offset, session_key, session_id, node_id, pushed_at, turn, pusher,
           list_filter(
               list_transform(
                   string_split(regexp_replace(replace(logs, chr(30), ' '), '(^|\n)((?:UTC )?\d\d:\d\d:\d\d(?:[.:]\d{3})? )',
                                               chr(30) || '\2', 'g'), chr(30)),
                   lambda one: trim(one, ' ' || chr(10) || chr(13))),
               lambda one: one <> '') as texts
    from pushes
),
lines as (
    select source_id, line, byte_offset, session_key, session_id, node_id, pushed_at, pusher, null::timestamptz as logged_at,
           'push' as told_by, null::varchar as dated_by, null::varchar as told_level, unnest(texts) as text,
           turn - 1 + generate_subscripts(texts, 1) as nth
    from cut_up
    union all
    select l.source_id, l.line, l.byte_offset, k.session_key, k.session_id, k.node_id, null, l.source_id,
           case when l.told_by = 'file' and not starts_with(l.text, 'UTC ')
                then l.logged_at - to_minutes(coalesce(f.ahead_min, 0)) else l.logged_at end,
           l.told_by, l.dated_by, l.level, l.text, 1
    from stored.client_log_lines l
    left join linked_sources k on k.source_id = l.source_id
    left join file_zones f on f.source_id = l.source_id
),
grammars as (
    select *, regexp_extract(text, '^(\d\d:\d\d:\d\d) (TRACE|DEBUG|INFO|WARN|ERROR) (?s:(.*))$', ['clock', 'level', 'rest']) as web,
           regexp_extract(text, '^UTC (\d\d:\d\d:\d\d\.\d{3}) - (?s:(.*))$', ['clock', 'message']) as old
    from lines
),
bits as (
    select *, string_split(web.rest, '- ') as bit, nullif(web.clock, '') as web_clock from grammars
),
cuts as (
    -- a source may hold " - " itself: the message is the first remainder that reads as JSON
    select *, list_filter(range(1, least(len(bit), 33)), lambda i: (ends_with(bit[i], ' ') or (bit[i] = '' and i > 1))
                  and (json_valid(array_to_string(bit[i + 1:], '- ')) or trim(array_to_string(bit[i + 1:], '- ')) = 'undefined')
              )[1] as cut,
           -- redaction may have taken a quote: then the first remainder that begins as JSON, or after two blanks, or the first
           regexp_extract(web.rest, '^(.*?) - ((?:["\[{]|-?\d)(?s:.*))$', ['logger', 'message']) as like_json,
           regexp_extract(web.rest, '^(.*?) -  (?s:(.*))$', ['logger', 'message']) as console,
           regexp_extract(web.rest, '^(.*?) -[ \r\n](?s:(.*))$', ['logger', 'message']) as loose
    from bits
),
parted as (
    select *, coalesce(web_clock, nullif(old.clock, '')) as clock,
           coalesce(trim(array_to_string(bit[:cut], '- ')), nullif(console.logger, ''), nullif(like_json.logger, ''),
                    nullif(loose.logger, '')) as logger,
           coalesce(array_to_string(bit[cut + 1:], '- '), nullif(console.message, ''), nullif(like_json.message, ''),
                    nullif(loose.message, ''), nullif(old.message, ''), nullif(web.rest, ''), text) as message
    from cuts
),
timed as (
    select *, epoch_us(try_cast(web_clock as time)) as local_us, epoch_us(try_cast(nullif(old.clock, '') as time)) as utc_us,
           epoch_us(pushed_at) as pushed_us
    from parted
),
zones as (
    -- the browser's zone: its clock less the server's, where a line was pushed soonest, to the quarter hour from -10:00 to +13:45
    select coalesce(session_key, pusher) as who,
           cast(round(max((local_us - pushed_us % 86400000000 + 36450000000 + 86400000000) % 86400000000 - 36450000000) / 9e8)
                as bigint) * 15 as zone_offset_min
    from timed
    where local_us is not null and pushed_us is not null
    group by coalesce(session_key, pusher)
),
dated as (
    -- a line was logged before it came; clocks may differ by some minutes
    select t.*, case when t.utc_us is not null then 0 else z.zone_offset_min end as offset_min,
           (t.pushed_us - coalesce(t.utc_us, t.local_us - z.zone_offset_min * 60000000) + 450000000) % 86400000000 - 450000000 as late_us
    from timed t
    left join zones z on z.who = coalesce(t.session_key, t.pusher)
),
described as (
    select *, case when regexp_matches(message, 'v=0(\\r)?\\n|v=0\r?\n') then
               coalesce(case when json_valid(message) then json_extract_string(message, '$') end, message) end as sdp
    from dated
),
summed as (
    select *, list_sort(list_distinct(regexp_extract_all(sdp, 'a=rtpmap:\d+ ([^/\s]+)/', 1))) as codecs,
           regexp_extract_all(sdp, '\nm=([a-z]+) ', 1) as kinds, regexp_extract_all(sdp, 'a=candidate:[^\r\n]* typ ([a-z]+)', 1) as candidates
    from described
),
told as materialized (
    select source_id, line, byte_offset, session_key, session_id, node_id,
           coalesce(logged_at, pushed_at - to_microseconds(late_us)) as logged_at, pushed_at, clock,
           coalesce(nullif(web.level, ''), told_level) as level, logger, null::varchar as thread,
           case when sdp is null then message
                else to_json(concat_ws('; ', coalesce(nullif(trim(regexp_extract(sdp, '^([^\n]*?:)\s*\n', 1)), '') || ' ', '')
                         || coalesce(nullif(array_to_string(kinds, ', '), ''), 'no media'),
                         'codecs ' || coalesce(nullif(array_to_string(codecs, ', '), ''), 'none'),
                         'candidates ' || coalesce(nullif(array_to_string(
                             list_transform(list_sort(list_distinct(candidates)),
                                            lambda kind: len(list_filter(candidates, lambda one: one = kind)) || ' ' || kind), ', '), ''),
                                                   'none')))::varchar end as text,
           nth, told_by, offset_min as zone_offset_min, late_us / 1e6 as late_s, dated_by
    from summed
),
worded as (
    -- what a client pushed stands in its file or its console too; a push quotes a text that is no object
    select source_id, byte_offset, nth, told_by, session_key, logged_at, clock, level, logger,
           coalesce(case when starts_with(text, '"') and json_valid(text) then json_extract_string(text, '$') end, text) as words
    from told
    where (select count(distinct told_by) from told) > 1
),
numbered as (
    select *, row_number() over (partition by told_by <> 'push', session_key, clock, level, logger, words
                                 order by source_id, byte_offset, nth) as nth_of_session,
           row_number() over (partition by told_by <> 'push', clock, level, logger, words
                              order by source_id, byte_offset, nth) as nth_of_all
    from worded
),
pushed_too as (
    -- the second time that one words it so in a second is the second time of the other
    select f.source_id, f.byte_offset
    from numbered f
    join numbered p on p.clock = f.clock and p.words = f.words and p.level = f.level and p.logger = f.logger
        and case when f.session_key is null then p.nth_of_all = f.nth_of_all
                 else p.session_key = f.session_key and p.nth_of_session = f.nth_of_session end
    where f.told_by <> 'push' and p.told_by = 'push' and coalesce(abs(us_between(f.logged_at, p.logged_at)) < 15 * 3_600_000_000, true)
)
select t.source_id, t.line, t.byte_offset, t.session_key, t.session_id, t.node_id, t.logged_at, t.pushed_at, t.clock, t.level, t.logger,
       t.thread, t.text, t.nth, t.told_by, t.zone_offset_min, t.late_s, t.dated_by
from told t
anti join pushed_too p on p.source_id = t.source_id and p.byte_offset = t.byte_offset and t.told_by <> 'push'
