-- How many streams were asked for, did they start, and how did they end: all of them, or those of each part?
select part($by, node := node_id, app := app_key, browser := browser, os := os, role := role,
            codec := nullif(concat_ws(' + ', audio_codec, video_codec), ''), transport := transport, provider := media_provider,
            began_at := coalesce(requested_at, started_at, last_seen_at)) as part,
       count(*) as streams, count(*) filter (where not left_truncated) as asked,
       count(*) filter (where not left_truncated and started_at is not null) as started,
       count(*) filter (where not left_truncated and outcome = 'failed_to_start') as failed_to_start,
       count(*) filter (where not left_truncated and outcome = 'left_before_start') as left_before_start,
       count(*) filter (where not left_truncated and started_at is null and outcome in ('open', 'vanished')) as undecided,
       count(*) filter (where started_at is not null and ended_at is not null) as ended,
       count(*) filter (where started_at is not null and ended_at is not null and outcome = 'failed') as failed,
       count(*) filter (where started_at is not null and dropped is not null) as droppable,
       count(*) filter (where started_at is not null and dropped) as dropped,
       count(*) filter (where outcome in ('open', 'vanished')) as without_end,
       count(*) filter (where left_truncated) as left_truncated,
       count(startup_ms) as startups, quantile_cont(startup_ms, 0.5) as startup_p50_ms,
       quantile_cont(startup_ms, 0.95) as startup_p95_ms, count(lived_s) as lived, exact_mean(lived_s) as lived_mean_s,
       count(hook_wait_ms) as hook_waits, quantile_cont(hook_wait_ms, 0.95) as hook_wait_p95_ms
from chosen_streams
group by part
order by part
