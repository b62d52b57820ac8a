-- How are the opinion scores distributed? Scores of different scale, scope or model are never put together.
select concat_ws(' ', scale, scope, model) as score, about, round(mos, 2) as mos, count(*) as n
from rated_media
where mos is not null and is_admitted
group by score, about, round(mos, 2)
order by score, about, mos
