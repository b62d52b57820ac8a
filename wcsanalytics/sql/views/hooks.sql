-- What was each REST exchange, whichever inputs its halves stand in?
with joined as (
    select h.source_id, h.line, h.byte_offset, h.session_key, h.stream_key, h.call_key, h.sent_at, h.hook, h.node_id,
           h.app_key, h.session_id, h.media_session_id, h.call_id, h.status, h.info, h.url, h.thread, h.dated_by, h.extra,
           coalesce(h.answered_at, a.answered_at) as answered_at,
           coalesce(h.error, a.error) as error,
           case when a.source_id is not null and a.answer = 'error' then 'error'
                when a.source_id is not null and a.half_digest = h.half_digest then 'echo'
                when a.source_id is not null then 'changed'
                when h.half = 'send' then 'none'
                when h.half = 'answer' then 'orphan'
                else h.answer end as answer,
           h.answer_changes, h.half_body as asked, a.half_body as told
    from every_hook h
    left join paired_halves p on p.send_source_id = h.source_id and p.send_offset = h.byte_offset
    left join every_hook a on a.source_id = p.answer_source_id and a.byte_offset = p.answer_offset and a.half = 'answer'
    left join paired_halves taken on taken.answer_source_id = h.source_id and taken.answer_offset = h.byte_offset
        and h.half = 'answer'
    where taken.send_source_id is null
)
select j.source_id, j.line, j.byte_offset, coalesce(rs.life_key, j.session_key) as session_key,
       coalesce(rm.life_key, j.stream_key) as stream_key, coalesce(rc.life_key, j.call_key) as call_key, j.sent_at,
       j.answered_at, date_diff('microsecond', j.sent_at, j.answered_at) / 1000.0 as latency_ms, j.hook,
       coalesce(k.kind, 'unknown') as kind, coalesce(k.family, 'other') as family, j.node_id, j.app_key, j.session_id,
       j.media_session_id, j.call_id, j.status, j.info, j.answer,
       case when j.answer <> 'changed' or j.answer_changes is not null or j.asked is null then j.answer_changes
            when j.told is null or j.told = '{}' then '{"empty":true}'
            else changes_between(j.asked, j.told) end as answer_changes,
       j.error, j.url, j.thread, j.dated_by, j.extra
from joined j
left join facts.known_hooks k on k.hook = j.hook
left join recurrences rs on rs.about = 'session' and rs.base_key = j.session_key
    and coalesce(j.sent_at, j.answered_at) >= rs.from_at
    and (rs.until_at is null or coalesce(j.sent_at, j.answered_at) < rs.until_at)
left join recurrences rm on rm.about = 'stream' and rm.base_key = j.stream_key
    and coalesce(j.sent_at, j.answered_at) >= rm.from_at
    and (rm.until_at is null or coalesce(j.sent_at, j.answered_at) < rm.until_at)
left join recurrences rc on rc.about = 'call' and rc.base_key = j.call_key
    and coalesce(j.sent_at, j.answered_at) >= rc.from_at
    and (rc.until_at is null or coalesce(j.sent_at, j.answered_at) < rc.until_at)
