-- What does conndr.log tell of connections that are over?
with timed as (
    select r.*, coalesce(r.started_at, instant_of(r.started_local_us, z.zone, coalesce(z.ahead_min, 0))) as at_start,
           coalesce(r.node_id, z.node_id) as node, coalesce(r.zone_by, z.zone_by) as told_zone_by
    from stored.connection_records r
    join record_sources z on z.source_id = r.source_id
),
owners as (
    -- of lives under one id, the one of that time
    select t.source_id, t.byte_offset,
           arg_min(k.session_key, (apart_s(t.at_start, k.first_at, k.last_at), k.first_at, k.session_key)) as session_key
    from timed t
    join known_ids k on k.about = 'session' and k.id = t.session_id and coalesce(k.node_id = t.node, true)
    group by t.source_id, t.byte_offset
)
select t.source_id, t.line, t.byte_offset, coalesce(o.session_key, t.session_key) as session_key, t.node as node_id,
       t.at_start as started_at, t.at_start + to_microseconds((t.lived_s * 1e6)::bigint) as ended_at, t.session_id, t.disposition,
       t.info, t.lived_s, t.told_zone_by as zone_by, t.extra
from timed t
left join owners o on o.source_id = t.source_id and o.byte_offset = t.byte_offset
