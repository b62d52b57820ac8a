-- Which publishers took viewers down with them?
select p.name, p.stream_key as publisher_key, p.ended_how as publisher_ended_how, p.ended_at as publisher_ended_at,
       count(*) as viewers_ended
from chosen_streams v
join chosen_streams p on p.stream_key = v.publisher_key
where v.ended_at between p.ended_at - interval 1 second and p.ended_at + interval 1 second
group by all
order by viewers_ended desc, p.ended_at, p.stream_key
