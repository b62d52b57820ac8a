-- How many calls were there, and what became of them?
select count(*) as calls, count(*) filter (where outcome <> 'open') as decided,
       count(*) filter (where ringing_at is not null or answered_at is not null or end_status is not null) as seizures,
       count(*) filter (where outcome = 'answered') as answered,
       count(*) filter (where outcome in ('answered', 'busy', 'no_answer', 'declined')) as effective,
       count(*) filter (where outcome in ('ineffective', 'media_failed', 'failed')) as setup_failures,
       count(*) filter (where outcome = 'answered' and ended_at is not null) as answered_and_ended,
       count(*) filter (where outcome = 'answered' and dropped) as dropped,
       count(post_dial_ms) as post_dials, quantile_cont(post_dial_ms, 0.5) as post_dial_p50_ms,
       quantile_cont(post_dial_ms, 0.95) as post_dial_p95_ms,
       count(setup_ms) filter (where direction = 'out') as setups,
       quantile_cont(setup_ms, 0.5) filter (where direction = 'out') as setup_p50_ms,
       quantile_cont(setup_ms, 0.95) filter (where direction = 'out') as setup_p95_ms,
       count(talk_s) as talks, exact_mean(talk_s) as talk_mean_s, count(hook_wait_ms) as hook_waits,
       quantile_cont(hook_wait_ms, 0.95) as hook_wait_p95_ms
from chosen_calls
