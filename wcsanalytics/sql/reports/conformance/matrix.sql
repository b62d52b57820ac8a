-- Which rows of the matrix of client calls, methods and events were seen?
with asked as (
    select h.hook, d.command, count(*) as n
    from chosen_hooks h
    left join stored.diagnostic_hooks d on h.hook = 'sessionDebug' and d.source_id = h.source_id and d.byte_offset = h.byte_offset
    where h.answer is distinct from 'orphan'
    group by h.hook, d.command
),
counted as (
    select m.row, m.description, m.client, m.method, string_agg(m.event, ', ' order by m.event) as events,
           coalesce(max((select sum(n) from asked a
                         where a.hook = m.method
                           and (a.command is null or m.description not in ('debug on', 'debug off')
                                or (m.description = 'debug on') = (a.command = 'start')))), 0)::bigint as methods_seen,
           coalesce(sum((select sum(n) from asked a where a.hook = m.event)), 0)::bigint as events_seen,
           count(m.event) as events_expected
    from facts.matrix m
    group by m.row, m.description, m.client, m.method
)
select row, description, client, method, coalesce(events, 'none') as events, methods_seen, events_seen,
       case when methods_seen > 0 and (events_expected = 0 or events_seen > 0) then 'seen'
            when methods_seen > 0 then 'no event'
            else 'not seen' end as standing
from counted
order by row
