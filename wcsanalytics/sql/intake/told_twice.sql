-- Which records go, since others that are kept tell the same, and how many halves of each had been told before?
-- What one teller tells n times is n records. All that is stored is told by one, since it was held against each other; each
-- source that is read now is one, with what it told before.
with dated as (
    select t.source, t.byte_offset, t.unfinished, t.in_books, t.is_given, s.ahead_us, s.turn > 0 as is_read, s.is_sure,
           case when t.byte_offset >= s.fresh_from then s.turn else 0 end as turn,
           t.sent_us + s.ahead_us as sent_us, t.answered_us + s.ahead_us as answered_us,
           case when t.sent_us is not null then hash(t.asked, t.sent_us + s.ahead_us) end as request,
           case when t.answered_us is not null then hash(t.replied, t.answered_us + s.ahead_us) end as reply,
           case when t.answered_us is not null then hash(t.replied_to_any, t.answered_us + s.ahead_us) end as any_reply,
           t.is_anonymous and t.asked is null as is_anonymous,
           request is not null and reply is not null as is_pair,
           request is not null and t.replied is not null and reply is null as has_timeless_reply
    from told t
    join sources s on s.source = t.source
),
matched as (
    select *, row_number() over (partition by source, reply order by byte_offset) as nth_of_source
    from dated
),
weighed as (
    -- of two requests with one answer, which a cut-out that lacks lines may show, the later one was answered
    select *, is_pair and sent_us = max(sent_us) over (partition by reply, nth_of_source) as is_exchange,
           is_pair and not is_exchange as is_mismatch
    from matched
),
tellings as (
    select *, case when turn = 0 then -1 else source end as teller, false as is_past
    from weighed
    where not is_given
    union all
    select *, source, true
    from weighed
    where turn = 0 and is_read
),
numbered as (
    -- what stands with the answer of another is one more only if its own source tells it once more
    select *, case when is_mismatch and teller < 0
                   then row_number() over (partition by source, is_past, request order by byte_offset)
                   else row_number() over (partition by teller, ahead_us, request
                                           order by is_past desc, is_mismatch, is_pair desc, source, byte_offset)
              end as nth_request,
           row_number() over (partition by teller, ahead_us, reply
                              order by is_past desc, is_mismatch, is_pair desc, source, byte_offset) as nth_reply
    from tellings
),
ranked as (
    select *, row_number() over (partition by teller, ahead_us, request, reply, is_exchange
                                 order by is_past desc, source, byte_offset) as nth_exchange,
           row_number() over (partition by teller, ahead_us, request, is_exchange
                              order by is_past desc, source, byte_offset) as nth_lone,
           row_number() over (partition by teller, ahead_us, reply, request is null
                              order by is_past desc, source, byte_offset) as nth_lone_reply
    from numbered
),
-- exchanges that are told whole are kept, then as many requests as these lack, then as many replies as all these lack
told_first as (
    select *, is_exchange and row_number() over (
               partition by request, reply, nth_exchange, is_exchange order by unfinished, not is_sure, turn > 0, source) = 1 as is_first
    from ranked
    where not is_past
),
doubted as (
    -- of two answers to one request, which such a cut-out may show too, the earlier one is its own
    select *, is_first and row_number() over (partition by request, is_first order by answered_us, source, byte_offset)
                           > max(nth_request) over (partition by request) as is_doubtful
    from told_first
),
exchanges as (
    select *, is_first and not (is_doubtful and count(*) filter (request is null or is_first and not is_doubtful)
                                                over (partition by reply) > 0) as is_kept_exchange
    from doubted
),
requests as (
    select *, request is not null and not is_exchange
                  and nth_lone <= max(nth_request) over (partition by request)
                      - count(*) filter (is_kept_exchange) over (partition by request) as is_lacking
    from exchanges
),
chosen as (
    select *, is_kept_exchange or is_lacking and row_number() over (
               partition by request, nth_lone, is_lacking order by unfinished, is_pair, not is_sure, turn > 0, source) = 1 as is_chosen
    from requests
),
-- a request that a source told with its reply elsewhere, and then again, is lacking still
kept as (
    select *, is_chosen or is_exchange and nth_request > count(*) filter (is_chosen) over (partition by request) as is_kept
    from chosen
),
replies as (
    select *, request is null
                  and nth_lone_reply <= max(nth_reply) filter (not is_mismatch) over (partition by reply)
                      - count(*) filter (is_kept) over (partition by reply)
                  and not (is_anonymous and count(*) filter (is_kept) over (partition by any_reply) > 0) as is_lacking_reply
    from kept
),
judged as (
    select source, byte_offset, has_timeless_reply,
           not is_kept and not (is_lacking_reply and row_number() over (
               partition by reply, nth_lone_reply, is_lacking_reply order by unfinished, not is_sure, turn > 0, source) = 1) as goes,
           in_books and request is not null and min(turn) over (partition by request, nth_request) < turn as asked_before,
           reply is not null
               and least(min(turn) over (partition by reply, nth_reply),
                         min(turn) filter (is_anonymous) over (partition by any_reply),
                         case when is_anonymous then min(turn) over (partition by any_reply) end) < turn as answered_before
    from replies
)
-- a reply that tells no time is known with its request
select source, byte_offset, goes,
       asked_before::integer + answered_before::integer + (asked_before and has_timeless_reply)::integer as known
from judged
where goes or asked_before or answered_before
order by source, byte_offset
