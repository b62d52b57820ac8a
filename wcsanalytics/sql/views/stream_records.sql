-- What does sdr.log tell of streams that are over?
with timed as (
    select r.*, coalesce(r.started_at, instant_of(r.started_local_us, z.zone, coalesce(z.ahead_min, 0))) as at_start,
           coalesce(r.node_id, z.node_id) as node, coalesce(r.zone_by, z.zone_by) as told_zone_by
    from stored.stream_records r
    join record_sources z on z.source_id = r.source_id
),
owners as (
    -- of lives under one id, the one of that time
    select t.source_id, t.byte_offset,
           arg_min({'stream_key': k.stream_key, 'session_key': k.session_key},
                   (apart_s(t.at_start, k.first_at, k.last_at), k.first_at, k.stream_key)) as owner
    from timed t
    join known_ids k on k.about = 'stream' and k.id = t.media_session_id and coalesce(k.node_id = t.node, true)
    group by t.source_id, t.byte_offset
)
select t.source_id, t.line, t.byte_offset, coalesce(o.owner.stream_key, t.stream_key) as stream_key,
       o.owner.session_key as session_key, t.node as node_id, t.at_start as started_at,
       t.at_start + to_microseconds((t.lived_s * 1e6)::bigint) as ended_at, t.media_provider, t.name, t.media_session_id, t.lived_s,
       t.disposition, t.info, coalesce(c.cause, case when t.info is null then 'none' else 'unknown' end) as cause,
       coalesce(c.cause_group, case when t.info is null then 'none' else 'other' end) as cause_group, t.role, t.subscribers,
       t.told_zone_by as zone_by, t.extra
from timed t
left join owners o on o.source_id = t.source_id and o.byte_offset = t.byte_offset
left join facts.causes c on c.about = 'stream' and c.text = lower(t.info)
