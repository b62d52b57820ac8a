-- How are the opinion scores distributed? Those that differ in scale, scope, model or the codec's row are never put together.
select concat_ws(' ', scale, scope, model, case when standing = 'provisional' then standing end) as score, about, round(mos, 2) as mos,
       count(*) as n, scale, scope, model, delay_term, standing, bpl_source
from rated_media
where mos is not null and is_admitted
group by score, about, round(mos, 2), scale, scope, model, delay_term, standing, bpl_source
order by score, bpl_source, about, mos
