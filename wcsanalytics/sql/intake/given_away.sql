-- What did the sources that are read now tell last, so that they may tell it again once they grow, and do others keep?
with latest as (
    select source, byte_offset, is_given, unfinished, asked, sent_us, replied, answered_us, greatest(sent_us, answered_us) as at_us
    from told
    join sources using (source)
    where turn > 0
    qualify at_us >= max(at_us) over (partition by source) - 1000000
)
select source, asked, sent_us, replied, answered_us
from latest
where is_given or not unfinished and (source, byte_offset) in (select source, byte_offset from judged where goes)
qualify row_number() over (partition by source order by at_us desc, byte_offset desc) <= 256
order by source, at_us, byte_offset
