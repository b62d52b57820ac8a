-- Which formats tell hooks of each session, stream and call, and which hooks does one of them not tell that should?
with told as (
    select source_id, byte_offset, session_key, stream_key, call_key, coalesce(sent_at, answered_at) as happened_at, node_id from hooks
),
tellings as materialized (
    -- a socket tells of a part of the hooks only
    select *, format not in ('websocket', 'har') as is_of_all
    from (select t.*, s.format from told t join facts.sources s on s.source_id = t.source_id
          union all
          select t.*, a.told_by
          from same_as a
          join told t on t.source_id = a.same_source_id and t.byte_offset = a.same_byte_offset
          where a.told_by <> a.same_told_by)
),
channels as (
    select node_id, format, first_at + interval 5 seconds as from_at, last_at - interval 5 seconds as until_at
    from facts.sources
    where format in (select format from tellings where is_of_all)
),
told_once as (
    select source_id, byte_offset, any_value(format) filter (where is_of_all) as format, any_value(node_id) as node_id, any_value(happened_at) as happened_at
    from tellings
    group by source_id, byte_offset
    having count(distinct format) filter (where is_of_all) = 1
),
alone as (
    -- a hook that stands in the midst of what another channel tells, and not there
    select distinct t.source_id, t.byte_offset
    from told_once t
    join channels c on c.format <> t.format and coalesce(c.node_id = t.node_id, true) and t.happened_at between c.from_at and c.until_at
),
keyed as (
    select 'session' as about, session_key as own_key, source_id, byte_offset, format, is_of_all from tellings
    union all
    select 'stream', stream_key, source_id, byte_offset, format, is_of_all from tellings
    union all
    select 'call', call_key, source_id, byte_offset, format, is_of_all from tellings
),
counted as (
    select k.about, k.own_key, k.format, k.is_of_all, count(distinct (k.source_id, k.byte_offset)) filter (where a.source_id is not null) as n_alone
    from keyed k
    left join alone a on a.source_id = k.source_id and a.byte_offset = k.byte_offset
    where k.own_key is not null
    group by k.about, k.own_key, k.format, k.is_of_all
)
select about, own_key, string_agg(format, ', ' order by format) as formats, count(*) as n_formats,
       string_agg(n_alone || ' by ' || format || ' alone', ', ' order by format) filter (where n_alone > 0 and is_of_all) as alone
from counted
group by about, own_key
