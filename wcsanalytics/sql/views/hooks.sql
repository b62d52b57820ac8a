-- What was each REST exchange, whichever inputs its halves stand in? The server's event log tells times that they lack.
select h.source_id, h.line, h.byte_offset, coalesce(rs.life_key, h.session_key) as session_key,
       coalesce(rm.life_key, h.stream_key) as stream_key, coalesce(rc.life_key, h.call_key) as call_key, h.sent_at,
       coalesce(h.answered_at, p.answered_at, b.answered_at) as answered_at,
       coalesce(date_diff('microsecond', h.sent_at, coalesce(h.answered_at, p.answered_at)) / 1000.0, b.latency_ms) as latency_ms,
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
from every_hook h
left join facts.known_hooks k on k.hook = h.hook
left join paired_halves p on p.send_source_id = h.source_id and p.send_offset = h.byte_offset
left join paired_halves taken on taken.answer_source_id = h.source_id and taken.answer_offset = h.byte_offset
    and h.half = 'answer'
left join logged_calls b on b.hook_source_id = h.source_id and b.hook_byte_offset = h.byte_offset
left join recurrences rs on rs.about = 'session' and rs.base_key = h.session_key
    and coalesce(h.sent_at, h.answered_at) >= rs.from_at
    and (rs.until_at is null or coalesce(h.sent_at, h.answered_at) < rs.until_at)
left join recurrences rm on rm.about = 'stream' and rm.base_key = h.stream_key
    and coalesce(h.sent_at, h.answered_at) >= rm.from_at
    and (rm.until_at is null or coalesce(h.sent_at, h.answered_at) < rm.until_at)
left join recurrences rc on rc.about = 'call' and rc.base_key = h.call_key
    and coalesce(h.sent_at, h.answered_at) >= rc.from_at
    and (rc.until_at is null or coalesce(h.sent_at, h.answered_at) < rc.until_at)
where taken.send_source_id is null
