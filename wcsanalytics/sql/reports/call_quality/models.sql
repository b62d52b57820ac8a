-- How far apart are the models that score the same audio? Grades are made on two decimals, as everywhere.
with told as (
    select unnest([
               {'model': concat_ws(' ', 'E-model', scale, scope, model), 'mos': mos},
               {'model': 'PingPlotter', 'mos': pingplotter_mos},
               {'model': 'Twilio', 'mos': twilio_mos},
               {'model': 'VoIPmonitor (G.711)', 'mos': voipmonitor_g711_mos},
               {'model': 'the least of these', 'mos': mos_low},
               {'model': 'the greatest of these', 'mos': mos_high}
           ], recursive := true)
    from rated_media
    where kind = 'audio' and is_admitted
)
select model, count(*) as n, quantile_cont(mos, 0.05) as mos_p5, quantile_cont(mos, 0.5) as mos_p50,
       count(*) filter (where is_bad_mos(mos)) / count(*) as below_3_60_ratio
from told
where mos is not null
group by model
order by model
