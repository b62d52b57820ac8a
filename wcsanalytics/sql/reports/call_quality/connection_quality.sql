-- How good was the connection of each stream by the grade that its client makes of video rates, and why has it none?
select g.direction, g.why, count(*) as streams, sum(g.n)::bigint as n, sum(g.perfect) / nullif(sum(g.n), 0) as perfect_ratio,
       sum(g.good) / nullif(sum(g.n), 0) as good_ratio, sum(g.bad) / nullif(sum(g.n), 0) as bad_ratio,
       count(*) filter (where 2 * g.bad > g.n) as mostly_bad
from client_grades g
join chosen_streams s on s.stream_key = g.stream_key
group by g.direction, g.why
order by g.direction, g.why
