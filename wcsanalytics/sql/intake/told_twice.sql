-- Which records go, since others that are kept tell the same, and how many halves of each had been told before?
-- What a source tells n times is n records: the first telling of each source is that of one, the second that of another.
with dated as (
    select t.source, t.byte_offset, t.unfinished, t.sent_us + s.ahead_us as sent_us, t.answered_us + s.ahead_us as answered_us,
           case when t.byte_offset >= s.fresh_from then s.turn else 0 end as turn,
           case when t.sent_us is not null then hash(t.asked, t.sent_us + s.ahead_us) end as request,
           case when t.answered_us is not null then hash(t.replied, t.answered_us + s.ahead_us) end as reply,
           case when t.answered_us is not null then hash(t.replied_to_any, t.answered_us + s.ahead_us) end as any_reply,
           t.is_anonymous and t.asked is null as is_anonymous
    from told t
    join sources s on s.source = t.source
),
numbered as (
    select source, byte_offset, unfinished, sent_us, answered_us, turn, request, reply, any_reply, is_anonymous,
           row_number() over (partition by source, request order by byte_offset) as nth_request,
           row_number() over (partition by source, reply order by byte_offset) as nth_reply
    from dated
),
weighed as (
    -- of two requests with one answer, which a cut-out that lacks lines may show, the later one was answered
    select source, byte_offset, unfinished, sent_us, answered_us, turn, request, reply, any_reply, is_anonymous,
           nth_request, nth_reply,
           case when request is null or reply is null then 1
                when sent_us = max(sent_us) over (partition by reply, nth_reply) then 0
                else 2 end as weakness
    from numbered
),
ranked as (
    select source, byte_offset, unfinished, turn, request, reply, any_reply, is_anonymous, nth_reply,
           case when request is not null
                then row_number() over (partition by request, nth_request order by unfinished, weakness, answered_us, source)
           end as place,
           request is not null and min(turn) over (partition by request, nth_request) < turn as asked_before
    from weighed
),
judged as (
    select source, byte_offset, turn,
           case when request is not null then place > 1
                else min(place) over (partition by reply, nth_reply) = 1
                     or is_anonymous and min(place) over (partition by any_reply) = 1
                     or row_number() over (partition by reply, nth_reply, place is null order by unfinished, source) > 1
           end as goes,
           asked_before,
           reply is not null
               and least(min(turn) over (partition by reply, nth_reply),
                         min(turn) filter (where is_anonymous) over (partition by any_reply),
                         case when is_anonymous then min(turn) over (partition by any_reply) end) < turn as answered_before
    from ranked
)
select source, byte_offset, goes, asked_before::integer + answered_before::integer as known
from judged
where goes or asked_before or answered_before
order by source, byte_offset
