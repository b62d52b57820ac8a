-- Which hooks tell of a call, each under the key of its life, with what came back for it?
select h.source_id, h.line, h.byte_offset, h.place, order_of(h.sent_at, h.place) as nth, coalesce(r.life_key, h.call_key) as call_key,
       coalesce(rs.life_key, h.session_key) as session_key, h.sent_at, coalesce(h.answered_at, p.answered_at) as answered_at,
       h.hook, coalesce(p.answer, h.answer) as answer, h.status, h.info, h.node_id, h.app_key, h.session_id, h.call_id,
       h.incoming, h.caller, h.callee, h.sip_status, h.target, h.media_provider
from stored.call_hooks h
left join recurrences r on r.about = 'call' and r.base_key = h.call_key and h.sent_at >= r.from_at
    and (r.until_at is null or h.sent_at < r.until_at)
left join recurrences rs on rs.about = 'session' and rs.base_key = h.session_key and h.sent_at >= rs.from_at
    and (rs.until_at is null or h.sent_at < rs.until_at)
left join paired_halves p on p.send_source_id = h.source_id and p.send_offset = h.byte_offset
where h.half is distinct from 'answer' and h.call_key is not null
