-- How many WebRTC and other streams were asked for, did they start, and were they dropped?
select count(*) filter (where not left_truncated) as asked,
       count(*) filter (where not left_truncated and outcome = 'failed_to_start') as failed_to_start,
       count(*) filter (where started_at is not null and dropped is not null) as ended,
       count(*) filter (where started_at is not null and dropped) as dropped,
       count(startup_ms) as startups, quantile_cont(startup_ms, 0.95) as startup_p95_ms
from chosen_streams
