-- How are the opinion scores distributed? Scores of different scale, scope or model are never put together.
select concat_ws(' ', m.scale, m.scope, m.model) as score, case when m.call_key is not null then 'call' else 'stream' end as about,
       round(m.mos, 2) as mos, count(*) as n
from media_quality m
where m.mos is not null
  and (m.call_key in (select call_key from chosen_calls) or m.stream_key in (select stream_key from chosen_streams))
group by all
order by score, about, mos
