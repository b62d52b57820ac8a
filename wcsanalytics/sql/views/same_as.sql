-- Which records tell hooks that other records tell as well, in another file or over another channel, and which are these?
-- Of one channel it is the same instant; of two, the clocks may be 5 s apart. What a channel tells n times in that time, such as
-- a retry, is n hooks: the first telling of each channel is that of one hook, the second that of another.
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
numbered as (
    select *, row_number() over (partition by said, happened_at, source_id order by place) as nth from tellings
),
within_channels as (
    select *, first_value({'source_id': source_id, 'byte_offset': byte_offset})
                over (partition by said, happened_at, format, nth order by is_open, place) as first_told
    from numbered
),
channels as (
    select *, lag(happened_at) over (partition by said order by happened_at, place) as before_at
    from within_channels
    where source_id = first_told.source_id and byte_offset = first_told.byte_offset
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
    select w.source_id, w.byte_offset, coalesce(b.best_told, w.first_told) as best_told
    from within_channels w
    join between_channels b on b.source_id = w.first_told.source_id and b.byte_offset = w.first_told.byte_offset
    where w.source_id <> b.best_told.source_id or w.byte_offset <> b.best_told.byte_offset
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
)
select f.source_id, h.line, f.byte_offset, h.hook, coalesce(h.sent_at, h.answered_at) as told_at, s.format as told_by,
       f.best_told.source_id as same_source_id, b.line as same_line, f.best_told.byte_offset as same_byte_offset,
       bs.format as same_told_by,
       date_diff('microsecond', coalesce(b.sent_at, b.answered_at), coalesce(h.sent_at, h.answered_at)) / 1000.0 as apart_ms
from single f
join told.hooks h on h.source_id = f.source_id and h.byte_offset = f.byte_offset
join facts.sources s on s.source_id = f.source_id
join told.hooks b on b.source_id = f.best_told.source_id and b.byte_offset = f.best_told.byte_offset
join facts.sources bs on bs.source_id = f.best_told.source_id
