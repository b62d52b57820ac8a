-- What does mdr.log tell of SIP messages?
select r.source_id, r.line, r.byte_offset, coalesce(r.node_id, z.node_id) as node_id,
       coalesce(r.happened_at, instant_of(r.happened_local_us, z.zone, z.ahead_min)) as happened_at, r.zone_abbreviation,
       r.message_id, r.sender, r.recipient, r.disposition,
       coalesce(r.zone_by, case when z.zone_by <> 'assumed' then z.zone_by end) as zone_by, r.extra
from stored.message_records r
join record_sources z on z.source_id = r.source_id
