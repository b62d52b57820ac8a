-- Of which node are the files whose clocks tell no zone, and by which zone do they go?
with times as (
    select source_id, node_id, started_local_us as local_us, 'stream' as about, media_session_id as id, zone_by
    from stored.stream_records
    union all
    select source_id, node_id, invited_local_us, 'call', call_id, zone_by from stored.call_records
    union all
    select source_id, node_id, started_local_us, 'session', session_id, zone_by from stored.connection_records
    union all
    select source_id, node_id, happened_local_us, null, null, zone_by from stored.message_records
    union all
    select source_id, null, logged_local_us, null, null, case when logged_at is not null then 'option' end
    from stored.server_log
    where logged_local_us is not null
),
files as (
    select source_id, max(node_id) as node_id, min(local_us) as first_us, bool_and(zone_by is not null) as is_told
    from times
    group by source_id
),
begun as (
    select 'stream' as about, media_session_id as id, node_id, sent_at
    from stored.stream_hooks
    where hook in ('publishStream', 'playStream', 'playHLS', 'playRTSP') or status = 'PENDING'
    union all
    select 'call', call_id, node_id, sent_at from stored.call_hooks where hook in ('call', 'OnCallEvent')
    union all
    select 'session', session_id, node_id, sent_at from stored.connection_hooks where hook = 'connect'
),
matched as (
    -- every zone in use is a whole number of quarter hours from UTC
    select t.source_id, b.node_id, 15 * round((t.local_us - epoch_us(b.sent_at)) / 900e6)::bigint as ahead_min
    from times t
    join begun b on b.about = t.about and b.id = t.id
    where abs(t.local_us - epoch_us(b.sent_at)) < 14.5 * 3600e6
),
by_ids as (
    select source_id, mode(node_id order by node_id) as node_id, mode(ahead_min order by ahead_min) as ahead_min
    from matched
    group by source_id
),
logs as (
    select source_id, told_of_node as node_id, first_at, zone,
           case when zone similar to '[+-][0-9]{4}'
                then (zone[1] || '1')::bigint * (zone[2:3]::bigint * 60 + zone[4:5]::bigint) end as ahead_min
    from facts.sources
    where zone is not null and format = 'server_log'
),
near as (
    select f.source_id, arg_min({'zone': case when l.ahead_min is null then l.zone end, 'ahead_min': l.ahead_min},
                                (abs(f.first_us - epoch_us(l.first_at)), l.source_id)) as log
    from files f
    left join by_ids i on i.source_id = f.source_id
    join logs l on coalesce(l.node_id = coalesce(f.node_id, i.node_id), true)
    group by f.source_id
),
others as (select mode(ahead_min order by ahead_min) as ahead_min from by_ids)
select f.source_id, coalesce(f.node_id, i.node_id, s.told_of_node) as node_id, i.source_id is not null as is_known,
       case when i.source_id is null then n.log.zone end as zone, coalesce(i.ahead_min, n.log.ahead_min, o.ahead_min) as ahead_min,
       case when i.source_id is not null then 'ids'
            when n.source_id is not null then 'log'
            when o.ahead_min is not null then 'ids'
            else 'assumed' end as zone_by, f.is_told
from files f
join facts.sources s on s.source_id = f.source_id
left join by_ids i on i.source_id = f.source_id
left join near n on n.source_id = f.source_id
cross join others o
