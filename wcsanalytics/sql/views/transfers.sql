-- Which calls were to be transferred, whereto, and what came of it?
with told as (
    select source_id, line, byte_offset, place, call_key, session_key, sent_at, hook, status, session_id, node_id, call_id, target,
           count(*) filter (where hook = 'transfer') over (partition by call_key order by sent_at, place) as nth
    from own_call_hooks
    where hook in ('transfer', 'TransferStatusEvent')
)
select arg_min(source_id, (sent_at, place)) as source_id, arg_min(line, (sent_at, place)) as line,
       arg_min(byte_offset, (sent_at, place)) as byte_offset, call_key, max(session_key) as session_key, max(call_id) as call_id,
       max(session_id) as session_id, max(node_id) as node_id, max(target) as target,
       min(sent_at) filter (where hook = 'transfer') as requested_at,
       min(sent_at) filter (where status in ('COMPLETED', 'FAILED')) as decided_at,
       us_between(min(sent_at) filter (where hook = 'transfer'),
                  min(sent_at) filter (where status in ('COMPLETED', 'FAILED'))) / 1000.0 as took_ms,
       coalesce(lower(arg_min(status, (sent_at, place)) filter (where status in ('COMPLETED', 'FAILED'))), 'open') as outcome,
       string_agg(status, ' ' order by sent_at, place) filter (where hook = 'TransferStatusEvent') as status_path
from told
group by call_key, nth
