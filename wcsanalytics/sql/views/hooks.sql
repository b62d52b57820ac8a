-- What was each REST exchange, whichever inputs its halves stand in? The server's event log tells times that they lack.
with keyed as (
    -- apart, so that a search by a key need not read what another key stands in
    select h.source_id, h.line, h.byte_offset, h.session_key, h.stream_key, h.call_key, h.sent_at, h.answered_at, h.hook, h.answer,
           h.answer_changes, h.error, h.url, h.thread, h.dated_by, h.half, h.extra, h.node_id, h.app_key, h.session_id,
           h.media_session_id, h.call_id, h.status, h.info
    from every_hook h
    anti join renamed_hooks n on n.source_id = h.source_id and n.byte_offset = h.byte_offset
    union all
    select h.source_id, h.line, h.byte_offset, n.session_key, n.stream_key, n.call_key, h.sent_at, h.answered_at, h.hook, h.answer,
           h.answer_changes, h.error, h.url, h.thread, h.dated_by, h.half, h.extra, h.node_id, h.app_key, h.session_id,
           h.media_session_id, h.call_id, h.status, h.info
    from renamed_hooks n
    join every_hook h on h.source_id = n.source_id and h.byte_offset = n.byte_offset
)
select h.source_id, h.line, h.byte_offset, h.session_key, h.stream_key, h.call_key, h.sent_at,
       coalesce(h.answered_at, p.answered_at, b.answered_at) as answered_at,
       coalesce(us_between(h.sent_at, coalesce(h.answered_at, p.answered_at)) / 1000.0, b.latency_ms) as latency_ms,
       h.hook,
       coalesce(k.kind, 'unknown') as kind, coalesce(k.family, 'other') as family, h.node_id, h.app_key, h.session_id,
       h.media_session_id, h.call_id, h.status, h.info,
       case when p.answer is not null then p.answer
            when b.answered_at is not null and (h.half = 'send' or h.answer = 'none') then null
            when h.half = 'send' then 'none'
            when h.half = 'answer' then 'orphan'
            else h.answer end as answer,
       coalesce(p.answer_changes, h.answer_changes) as answer_changes, coalesce(h.error, p.error) as error, h.url, h.thread,
       h.dated_by, h.extra
from keyed h
left join facts.known_hooks k on k.hook = h.hook
left join paired_halves p on p.send_source_id = h.source_id and p.send_offset = h.byte_offset
left join paired_halves taken on taken.answer_source_id = h.source_id and taken.answer_offset = h.byte_offset
    and h.half = 'answer'
left join logged_calls b on b.hook_source_id = h.source_id and b.hook_byte_offset = h.byte_offset
where taken.send_source_id is null
