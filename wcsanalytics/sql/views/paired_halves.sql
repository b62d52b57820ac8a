-- Which requests and answers that were left as halves, by different inputs or for want of a thread, belong together?
with halves as (
    select h.source_id, h.byte_offset, h.half, h.half = 'answer' and h.answer = 'error' as is_error,
           coalesce(h.url, h.hook) as url, h.thread,
           h.answered_at, coalesce(h.sent_at, h.answered_at) as happened_at, coalesce(h.node_id, s.told_of_node, '') as node,
           s.format, h.place, h.half_digest, h.half_body, h.error, h.session_id, h.media_session_id, h.call_id, h.status
    from told.hooks h
    join facts.sources s on s.source_id = h.source_id
    where h.half_open
),
threaded as (
    -- the next half of the same thread answers a request, whichever input it stands in
    select source_id, byte_offset, half, url, happened_at, session_id, media_session_id, call_id,
           lead(source_id) over thread_order as next_source_id, lead(byte_offset) over thread_order as next_byte_offset,
           lead(half) over thread_order as next_half, lead(is_error) over thread_order as next_is_error,
           lead(url) over thread_order as next_url, lead(happened_at) over thread_order as next_at,
           lead(session_id) over thread_order as next_session_id,
           lead(media_session_id) over thread_order as next_media_session_id, lead(call_id) over thread_order as next_call_id
    from halves
    where thread is not null
    window thread_order as (partition by format, node, thread order by happened_at, place)
),
by_thread as (
    select source_id as send_source_id, byte_offset as send_offset, next_source_id as answer_source_id,
           next_byte_offset as answer_offset
    from threaded
    where half = 'send' and next_half = 'answer' and (next_url = url or next_is_error)
      and next_at <= happened_at + interval 15 minutes
      and coalesce(next_session_id = session_id, true)
      and coalesce(next_media_session_id = media_session_id, true)
      and coalesce(next_call_id = call_id, true)
),
leveled as (
    -- requests and echoes of one URL and body match like brackets: both sides of a pair stand on the same level
    select source_id, byte_offset, half, format, node, url, half_digest, happened_at, place,
           sum(case half when 'send' then 1 else -1 end) over body_order + cast(half = 'answer' as integer) as level
    from halves
    where thread is null and half_digest is not null and not is_error
    window body_order as (
        partition by format, node, url, half_digest order by happened_at, place
        rows between unbounded preceding and current row
    )
),
nested as (
    select source_id, byte_offset, half, happened_at, lead(source_id) over level_order as next_source_id,
           lead(byte_offset) over level_order as next_byte_offset, lead(half) over level_order as next_half,
           lead(happened_at) over level_order as next_at
    from leveled
    window level_order as (partition by format, node, url, half_digest, level order by happened_at, place)
),
by_body as (
    select source_id as send_source_id, byte_offset as send_offset, next_source_id as answer_source_id,
           next_byte_offset as answer_offset
    from nested
    where half = 'send' and next_half = 'answer' and next_at <= happened_at + interval 60 seconds
),
left_over as (
    select h.source_id, h.byte_offset, h.half, h.format, h.node, h.url, h.happened_at, h.session_id, h.media_session_id,
           h.call_id, h.status
    from halves h
    where h.thread is null
      and not exists (from by_body b where b.send_source_id = h.source_id and b.send_offset = h.byte_offset)
      and not exists (from by_body b where b.answer_source_id = h.source_id and b.answer_offset = h.byte_offset)
),
candidates as (
    -- an answer in other words, or without a body: only if one request, and no more, can be meant
    select s.source_id as send_source_id, s.byte_offset as send_offset, a.source_id as answer_source_id,
           a.byte_offset as answer_offset,
           count(*) over (partition by s.source_id, s.byte_offset) as answers,
           count(*) over (partition by a.source_id, a.byte_offset) as sends
    from left_over s
    join left_over a on a.half = 'answer' and s.half = 'send' and a.format = s.format and a.node = s.node and a.url = s.url
        and a.happened_at between s.happened_at and s.happened_at + interval 60 seconds
        and coalesce(a.session_id = s.session_id, true) and coalesce(a.media_session_id = s.media_session_id, true)
        and coalesce(a.call_id = s.call_id, true) and coalesce(a.status = s.status, true)
),
pairs as (
    select send_source_id, send_offset, answer_source_id, answer_offset from by_thread
    union all
    select send_source_id, send_offset, answer_source_id, answer_offset from by_body
    union all
    select send_source_id, send_offset, answer_source_id, answer_offset from candidates where answers = 1 and sends = 1
),
judged as (
    select p.send_source_id, p.send_offset, p.answer_source_id, p.answer_offset, a.answered_at, a.error,
           case when a.is_error then 'error'
                when a.half_digest is not distinct from s.half_digest then 'echo'
                else 'changed' end as answer,
           s.half_body as asked, a.half_body as told
    from pairs p
    join halves s on s.source_id = p.send_source_id and s.byte_offset = p.send_offset and s.half = 'send'
    join halves a on a.source_id = p.answer_source_id and a.byte_offset = p.answer_offset and a.half = 'answer'
)
select send_source_id, send_offset, answer_source_id, answer_offset, answered_at, answer, error,
       case when answer <> 'changed' or asked is null then null
            when told is null or told = '{}' then '{"empty":true}'
            else changes_between(asked, told) end as answer_changes
from judged
