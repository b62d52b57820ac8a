-- By how much do two sources date the same requests apart? By what holds for most of those that each of them tells but once.
with once as (
    select source, asked, any_value(sent_us) as sent_us
    from told
    where sent_us is not null
    group by source, asked
    having count(*) = 1
),
shared as (
    select u.source, o.source as other, o.sent_us - u.sent_us as ahead_us
    from once u
    join once o on o.asked = u.asked and o.source <> u.source
    join sources s on s.source = u.source and not s.is_sure
    -- zones are whole quarters of an hour apart
    where (o.sent_us - u.sent_us) % 900000000 = 0
)
select h.source, h.ahead_us
from shared h
join sources o on o.source = h.other
group by h.source, h.other, h.ahead_us, o.is_sure
having count(*) >= $least
qualify row_number() over (partition by h.source order by o.is_sure desc, count(*) desc, h.other, h.ahead_us) = 1
order by h.source
