-- Which records go, since others that are kept tell the same, and how many halves of each had been told before?
-- What a source tells n times is n records. What is stored was held against each other, and what is left of it is told by one.
with dated as (
    select t.source, t.byte_offset, t.unfinished, t.in_books, s.ahead_us,
           case when t.byte_offset >= s.fresh_from then s.turn else 0 end as turn,
           t.sent_us + s.ahead_us as sent_us,
           case when t.sent_us is not null then hash(t.asked, t.sent_us + s.ahead_us) end as request,
           case when t.answered_us is not null then hash(t.replied, t.answered_us + s.ahead_us) end as reply,
           case when t.answered_us is not null then hash(t.replied_to_any, t.answered_us + s.ahead_us) end as any_reply,
           t.is_anonymous and t.asked is null as is_anonymous
    from told t
    join sources s on s.source = t.source
),
numbered as (
    select source, byte_offset, unfinished, in_books, turn, sent_us, request, reply, any_reply, is_anonymous,
           count(*) over (partition by source, request) as tellings,
           case when turn = 0
                then row_number() over (partition by turn, ahead_us, request order by reply is null, source, byte_offset)
                else row_number() over (partition by source, request order by turn, reply is null, byte_offset)
           end as nth_request,
           case when turn = 0
                then row_number() over (partition by turn, ahead_us, reply order by request is null, source, byte_offset)
                else row_number() over (partition by source, reply order by turn, request is null, byte_offset)
           end as nth_reply,
           case when turn = 0
                then row_number() over (partition by turn, ahead_us, request, reply order by source, byte_offset)
                else row_number() over (partition by source, request, reply order by turn, byte_offset)
           end as nth_pair
    from dated
),
weighed as (
    -- of two requests with one answer, which a cut-out that lacks lines may show, the later one was answered
    select *, request is not null and reply is not null as is_pair,
           is_pair and sent_us = max(sent_us) over (partition by reply, nth_reply) as is_sure
    from numbered
),
-- exchanges that are told whole are kept, then the requests that no such one tells, then the replies that none of these tells
exchanges as (
    select *, is_sure and row_number() over (
               partition by request, reply, nth_pair, is_sure order by unfinished, tellings desc, source) = 1 as is_kept_pair
    from weighed
),
requests as (
    select *, request is not null and not is_sure
                  and nth_request > count(*) filter (is_kept_pair) over (partition by request) as is_left
    from exchanges
),
kept as (
    select *, is_kept_pair or is_left and row_number() over (
               partition by request, nth_request, is_left order by unfinished, is_pair, tellings desc, source) = 1 as is_kept
    from requests
),
replies as (
    select *, request is null
                  and nth_reply > count(*) filter (is_kept) over (partition by reply)
                  and not (is_anonymous and count(*) filter (is_kept) over (partition by any_reply) > 0) as is_left_reply
    from kept
),
judged as (
    select source, byte_offset,
           not is_kept and not (is_left_reply and row_number() over (
               partition by reply, nth_reply, is_left_reply order by unfinished, source) = 1) as goes,
           in_books and request is not null and min(turn) over (partition by request, nth_request) < turn as asked_before,
           reply is not null
               and least(min(turn) over (partition by reply, nth_reply),
                         min(turn) filter (is_anonymous) over (partition by any_reply),
                         case when is_anonymous then min(turn) over (partition by any_reply) end) < turn as answered_before
    from replies
)
select source, byte_offset, goes, asked_before::integer + answered_before::integer as known
from judged
where goes or asked_before or answered_before
order by source, byte_offset
