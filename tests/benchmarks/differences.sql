-- At how many lines do the naive reader and we tell different things of a request?
with ours as (
    select line, hook, session_id, media_session_id, status, answer_line,
           epoch_ms(sent_at) % 86400000 as sent_ms, epoch_ms(answered_at) % 86400000 as answered_ms
    from read_parquet($ours, union_by_name = true)
    where half is distinct from 'answer'
),
naive as (
    select line, hook, sessionId as session_id, mediaSessionId as media_session_id, status, answer_line::bigint as answer_line,
           sent_ms, answered_ms::bigint as answered_ms
    from read_parquet($naive)
)
select count(*) as n
from ours o
full join naive n on n.line = o.line
where o.line is null or n.line is null or o.hook is distinct from n.hook or o.session_id is distinct from n.session_id
   or o.media_session_id is distinct from n.media_session_id or o.status is distinct from n.status
   or o.answer_line is distinct from n.answer_line or o.sent_ms is distinct from n.sent_ms
   or o.answered_ms is distinct from n.answered_ms
