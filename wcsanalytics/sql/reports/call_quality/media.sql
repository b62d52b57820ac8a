-- Which calls and streams were rated by their media, which were not and why, and what made them poor?
select case when m.call_key is not null then 'call' else 'stream' end as about, m.kind, m.direction, m.admission, m.verdict, m.poor_because,
       count(*) as n, quantile_cont(m.loss_ratio, 0.5) as loss_p50_ratio, quantile_cont(m.jitter_p95_ms, 0.5) as jitter_p50_ms,
       quantile_cont(m.rtt_p50_ms, 0.5) as rtt_p50_ms
from media_quality m
where m.call_key in (select call_key from chosen_calls) or m.stream_key in (select stream_key from chosen_streams)
group by all
order by about, m.kind, m.direction, m.admission, m.verdict, m.poor_because
