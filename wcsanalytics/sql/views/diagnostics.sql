-- Which bug reports, log pushes, debug switches and errors were there?
select h.source_id, h.line, h.byte_offset, coalesce(r.life_key, h.session_key) as session_key, h.session_id, h.node_id,
       case when h.hook in ('submitBugReport', 'BugReportStatusEvent') then 'bug_report'
            when h.hook = 'pushLogs' then 'log_push'
            when h.hook in ('sessionDebug', 'SessionDebugStatusEvent') then 'debug'
            else 'error' end as kind,
       h.sent_at as happened_at, coalesce(h.status, h.command) as status, coalesce(h.report_file, h.file) as file,
       case when h.hook = 'pushLogs' then null else coalesce(h.text, h.info, h.extra) end as text
from stored.diagnostic_hooks h
left join recurrences r on r.about = 'session' and r.base_key = h.session_key and h.sent_at >= r.from_at
    and (r.until_at is null or h.sent_at < r.until_at)
where h.half is distinct from 'answer'
