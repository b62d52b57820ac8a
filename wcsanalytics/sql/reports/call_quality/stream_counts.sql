-- How many WebRTC and other streams were asked for, did they start, and were they dropped: of all, or of each part?
with rated as (
    select part($by, node := node_id, app := app_key, browser := browser, os := os, role := role,
                codec := nullif(concat_ws(' + ', audio_codec, video_codec), ''), transport := transport, provider := media_provider,
                began_at := coalesce(requested_at, started_at, last_seen_at)) as part,
           left_truncated, outcome, ended_how, dropped, startup_ms, started_at is not null and dropped is not null as is_over
    from chosen_streams
)
select part, count(*) filter (where not left_truncated) as asked,
       count(*) filter (where not left_truncated and outcome = 'failed_to_start') as failed_to_start,
       count(*) filter (where is_over) as ended, count(*) filter (where is_over and dropped) as dropped,
       count(*) filter (where is_over and ended_how = 'failed') as failed_later,
       count(startup_ms) as startups, quantile_cont(startup_ms, [0.5, 0.9, 0.95, 0.99]) as startup_ms
from rated
group by part
order by part
