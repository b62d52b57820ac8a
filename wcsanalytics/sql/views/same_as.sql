-- Which records tell hooks that records of another channel tell as well, and which are these?
-- Clocks may be 5 s apart. What a channel tells n times in that time, such as a retry, is n hooks: the first telling of each
-- channel is that of one hook, the second that of another. What a channel tells in two files is stored once.
with tellings as materialized (
    select h.source_id, h.line, h.byte_offset, h.place, s.format, coalesce(h.sent_at, h.answered_at) as happened_at,
           h.hook, coalesce(h.node_id, s.told_of_node, '') as node, h.session_id, h.media_session_id, h.call_id, h.status,
           h.half is not distinct from 'answer' as is_answer, coalesce(h.answered_at, p.answered_at) as answered_at,
           p.send_source_id is null and coalesce(h.half_open, false) as is_open,
           hash(h.hook, coalesce(h.node_id, s.told_of_node, ''), h.half is not distinct from 'answer', h.body) as said
    from told.hooks h
    join facts.shared_spans o on o.source_id = h.source_id and coalesce(h.sent_at, h.answered_at) between o.from_at and o.until_at
    join facts.sources s on s.source_id = h.source_id
    left join paired_halves p on p.send_source_id = h.source_id and p.send_offset = h.byte_offset
),
groups as (
    select said, count(*) as n,
           us_between(min(happened_at), max(happened_at)) / 1e6 as apart_s,
           arg_min({'source_id': source_id, 'byte_offset': byte_offset}, (is_open, format = 'hook_capture', place)) as first_told,
           arg_max({'source_id': source_id, 'byte_offset': byte_offset}, (is_open, format = 'hook_capture', place)) as last_told
    from tellings
    group by said
    having count(distinct format) > 1
),
couples as (
    -- most hooks say what no other says: two tellings by two channels need no numbers
    select last_told.source_id, last_told.byte_offset, first_told as best_told
    from groups
    where n = 2 and apart_s <= 5
),
channels as (
    select t.*, lag(t.happened_at) over (partition by t.said order by t.happened_at, t.place) as before_at
    from tellings t
    join groups g on g.said = t.said and g.n > 2
),
moments as (
    -- what stands within 5 s of the one before belongs to one moment
    select *, count(*) filter (where before_at is null or before_at < happened_at - interval 5 seconds)
                over (partition by said order by happened_at, place rows unbounded preceding) as moment
    from channels
),
counted as (
    select *, row_number() over (partition by said, moment, format order by happened_at, place) as nth_of_channel from moments
),
between_channels as (
    -- the server knows best what came of its request
    select *, first_value({'source_id': source_id, 'byte_offset': byte_offset})
                over (partition by said, moment, nth_of_channel order by is_open, format = 'hook_capture', place) as best_told
    from counted
),
seconds as (
    select source_id, byte_offset, best_told from couples
    union all
    select source_id, byte_offset, best_told
    from between_channels
    where source_id <> best_told.source_id or byte_offset <> best_told.byte_offset
),
answers as (
    -- an answer that stands apart goes with its request
    select p.answer_source_id as source_id, p.answer_offset as byte_offset, s.best_told
    from seconds s
    join paired_halves p on p.send_source_id = s.source_id and p.send_offset = s.byte_offset
),
orphans as (
    -- an answer without its request tells what another channel tells with it
    select a.source_id, a.byte_offset, arg_min({'source_id': t.source_id, 'byte_offset': t.byte_offset}, t.place) as best_told
    from tellings a
    join tellings t on t.hook = a.hook and t.node = a.node and t.format <> a.format and not t.is_answer
        and t.session_id is not distinct from a.session_id and t.media_session_id is not distinct from a.media_session_id
        and t.call_id is not distinct from a.call_id and t.status is not distinct from a.status
        and t.answered_at between a.happened_at - interval 5 seconds and a.happened_at + interval 5 seconds
    where a.is_answer
      and not exists (from paired_halves p where p.answer_source_id = a.source_id and p.answer_offset = a.byte_offset)
      and not exists (from seconds s where s.source_id = t.source_id and s.byte_offset = t.byte_offset)
    group by a.source_id, a.byte_offset
),
found as (
    select source_id, byte_offset, best_told from seconds
    union
    select source_id, byte_offset, best_told from answers
    union
    select source_id, byte_offset, best_told from orphans
),
single as (
    select source_id, byte_offset, min(best_told) as best_told
    from found
    group by source_id, byte_offset
),
asked as (
    -- what a client sends over its socket, or is sent, and a hook tells too
    select m.source_id, m.line, m.byte_offset, m.place, m.nth, s.format, m.happened_at, m.hook,
           hash(m.hook, m.media_session_id, m.call_id, m.operation_id, m.status, m.text, m.logs) as said
    from told.client_messages m
    join facts.shared_spans o on o.source_id = m.source_id and m.happened_at between o.from_at and o.until_at
    join facts.sources s on s.source_id = m.source_id
    where m.hook is not null and coalesce(m.media_session_id, m.call_id, m.operation_id, m.text, m.logs) is not null
),
hooks_asked as (
    select t.source_id, t.line, t.byte_offset, t.place, 1 as nth, t.format, t.happened_at, t.hook,
           hash(t.hook, t.media_session_id, t.call_id, d.operation_id, t.status, g.text, g.logs) as said
    from tellings t
    left join told.data_hooks d on d.source_id = t.source_id and d.byte_offset = t.byte_offset
    left join told.diagnostic_hooks g on g.source_id = t.source_id and g.byte_offset = t.byte_offset
    where not t.is_answer and t.hook in (select hook from asked)
      and not exists (from seconds s where s.source_id = t.source_id and s.byte_offset = t.byte_offset)
),
asked_before as (
    select *, lag(happened_at) over (partition by said order by happened_at, place, nth) as before_at
    from (select *, false as is_hook from asked union all select *, true from hooks_asked)
),
asked_moments as (
    select *, count(*) filter (where before_at is null or before_at < happened_at - interval 5 seconds)
                over (partition by said order by happened_at, place, nth rows unbounded preceding) as moment
    from asked_before
),
asked_counted as (
    select *, row_number() over (partition by said, moment, format order by happened_at, place, nth) as nth_of_channel
    from asked_moments
),
messages as (
    select m.source_id, m.line, m.byte_offset, m.nth, m.hook, m.happened_at, m.format,
           arg_min({'source_id': h.source_id, 'line': h.line, 'byte_offset': h.byte_offset, 'format': h.format,
                    'happened_at': h.happened_at}, h.place) as best
    from asked_counted m
    join asked_counted h on h.said = m.said and h.moment = m.moment and h.nth_of_channel = m.nth_of_channel and h.is_hook
    where not m.is_hook
    group by all
)
select source_id, line, byte_offset, hook, happened_at as told_at, format as told_by, best.source_id as same_source_id,
       best.line as same_line, best.byte_offset as same_byte_offset, best.format as same_told_by,
       us_between(best.happened_at, happened_at) / 1000.0 as apart_ms
from messages
union all
select f.source_id, h.line, f.byte_offset, h.hook, h.happened_at, h.format, b.source_id, b.line, b.byte_offset, b.format,
       us_between(b.happened_at, h.happened_at) / 1000.0
from single f
join tellings h on h.source_id = f.source_id and h.byte_offset = f.byte_offset
join tellings b on b.source_id = f.best_told.source_id and b.byte_offset = f.best_told.byte_offset
