-- Which bug reports, log pushes, debug switches and errors were there, and what are they about?
with hook_rows as (
    select h.source_id, h.line, h.byte_offset, 1 as nth, coalesce(r.life_key, h.session_key) as session_key, h.session_id, h.node_id,
           case when h.hook in ('submitBugReport', 'BugReportStatusEvent') then 'bug_report'
                when h.hook = 'pushLogs' then 'log_push'
                when h.hook in ('sessionDebug', 'SessionDebugStatusEvent') then 'debug'
                else 'error' end as kind,
           h.hook, h.sent_at as happened_at, coalesce(h.status, h.command) as status, coalesce(h.report_file, h.file) as file,
           h.report_type, case when h.hook = 'pushLogs' then null else coalesce(h.text, h.info, h.extra) end as text,
           case when h.hook = 'pushLogs' then null
                else concat_ws(' ', h.text, h.info, h.extra) end as said,
           [h.media_session_id, h.call_id] as ids
    from stored.diagnostic_hooks h
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key and h.sent_at >= r.from_at
        and (r.until_at is null or h.sent_at < r.until_at)
    where h.half is distinct from 'answer'
),
told as (
    select source_id, line, byte_offset, nth, session_key, session_id, node_id, kind, happened_at, status, file, report_type, text,
           said, ids, 'hook' as told_by
    from hook_rows
    union all
    select c.source_id, c.line, c.byte_offset, 1, k.session_key, coalesce(c.session_id, k.session_id), k.node_id, 'bug_report',
           c.happened_at, null, null, c.report_type, coalesce(c.text, c.extra),
           concat_ws(' ', c.text, c.extra), [c.session_id, c.media_session_id, c.call_id], 'file'
    from stored.client_reports c
    left join linked_sources k on k.source_id = c.source_id
    union all
    -- a report that is no object reaches no hook
    select m.source_id, m.line, m.byte_offset, m.nth, m.session_key, m.session_id, m.node_id, 'bug_report', m.happened_at, null, null,
           m.event_type, coalesce(m.text, m.extra), concat_ws(' ', m.text, m.extra), [m.media_session_id, m.call_id], 'websocket'
    from client_messages m
    left join hook_rows h on h.hook = 'submitBugReport' and h.text is not distinct from coalesce(m.text, m.extra)
        and coalesce(h.session_key = m.session_key, true)
        and abs(us_between(h.happened_at, m.happened_at)) <= 5_000_000
    where m.hook = 'submitBugReport' and h.source_id is null
),
words as (
    -- what may be an id: a field that is one, or any longer word
    select source_id, byte_offset, nth,
           rtrim(unnest(list_concat(ids, regexp_extract_all(said, '[^\s"'',;()<>{}=]{6,}'))), '.:!?') as word
    from told
    where kind in ('bug_report', 'error')
),
known as (
    select media_session_id as word, stream_key, null as call_key, session_key
    from own_stream_hooks
    where media_session_id in (select word from words)
    union
    select call_id, null, call_key, session_key from own_call_hooks where call_id in (select word from words)
    union
    select h.session_id, null, null, coalesce(r.life_key, h.session_key)
    from every_hook h
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key
    where h.session_id in (select word from words)
),
named as (
    select w.source_id, w.byte_offset, w.nth, case when count(distinct k.stream_key) = 1 then max(k.stream_key) end as stream_key,
           case when count(distinct k.call_key) = 1 then max(k.call_key) end as call_key,
           case when count(distinct k.session_key) = 1 then max(k.session_key) end as session_key
    from words w
    join known k on k.word = w.word
    group by w.source_id, w.byte_offset, w.nth
),
placed as (
    select t.*, coalesce(t.session_key, n.session_key) as own_session_key, n.stream_key as named_stream_key,
           n.call_key as named_call_key
    from told t
    left join named n on n.source_id = t.source_id and n.byte_offset = t.byte_offset and n.nth = t.nth
),
lives as (
    -- when streams and calls of these sessions were, from their first hook to their last
    select session_key, stream_key, null as call_key, min(sent_at) as from_at, max(sent_at) as until_at
    from own_stream_hooks
    where session_key in (select own_session_key from placed where kind = 'bug_report')
    group by session_key, stream_key
    having bool_or(hook in ('publishStream', 'playStream', 'StreamStatusEvent'))
    union all
    select session_key, null, call_key, min(sent_at), max(sent_at)
    from own_call_hooks
    where session_key in (select own_session_key from placed where kind = 'bug_report')
    group by session_key, call_key
),
running as (
    -- what ran in the session at that time, if it was only one thing
    select p.source_id, p.byte_offset, p.nth, max(l.stream_key) as stream_key, max(l.call_key) as call_key
    from placed p
    join lives l on l.session_key = p.own_session_key and p.happened_at between l.from_at and l.until_at
    where p.kind = 'bug_report' and p.named_stream_key is null and p.named_call_key is null
    group by p.source_id, p.byte_offset, p.nth
    having count(*) = 1
)
select p.source_id, p.line, p.byte_offset, p.own_session_key as session_key, coalesce(p.named_stream_key, r.stream_key) as stream_key,
       coalesce(p.named_call_key, r.call_key) as call_key, p.session_id, p.node_id, p.kind, p.happened_at, p.status, p.file, p.text,
       p.report_type, p.told_by,
       case when p.kind not in ('bug_report', 'error') then null
            when p.named_stream_key is not null or p.named_call_key is not null then 'id'
            when r.source_id is not null then 'session_and_time'
            when p.own_session_key is not null then 'session' end as linked_by,
       p.nth
from placed p
left join running r on r.source_id = p.source_id and r.byte_offset = p.byte_offset and r.nth = p.nth
