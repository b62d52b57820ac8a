-- How do streams of each kind compare?
select role, coalesce(media_provider, 'none told') as media_provider, coalesce(transport, 'none told') as transport,
       coalesce(video_codec, 'none told') as video_codec, count(*) as streams,
       count(*) filter (where outcome = 'failed_to_start') as failed_to_start, count(*) filter (where dropped) as dropped,
       quantile_cont(startup_ms, 0.5) as startup_p50_ms, quantile_cont(lived_s, 0.5) as lived_p50_s
from chosen_streams
group by all
order by streams desc, role, media_provider, transport, video_codec
