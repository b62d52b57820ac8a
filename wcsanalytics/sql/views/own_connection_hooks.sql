-- Which hooks tell of a connection or registration, each under the key of its life, with what came back for it?
select h.source_id, h.line, h.byte_offset, h.place, order_of(h.sent_at, h.place) as nth, coalesce(r.life_key, h.session_key) as session_key, h.sent_at, h.hook,
       coalesce(p.answer, h.answer) as answer, h.status, h.info, h.node_id, h.session_id, h.page_origin, h.user_agent,
       h.client_version, h.media_providers, h.sip_login, h.sip_register_required, h.login
from stored.connection_hooks h
left join recurrences r on r.about = 'session' and r.base_key = h.session_key and h.sent_at >= r.from_at
    and (r.until_at is null or h.sent_at < r.until_at)
left join paired_halves p on p.send_source_id = h.source_id and p.send_offset = h.byte_offset
where h.half is distinct from 'answer' and h.session_key is not null
