-- How many calls were there, and what became of them: of all, or of each part by the dimension asked for?
with rated as (
    select part($by, node := node_id, app := app_key, browser := browser, os := os, direction := direction,
                provider := media_provider, began_at := invited_at) as part,
           direction, outcome, ended_how, dropped, holds, dtmf_count, transfers, setup_ms, post_dial_ms, hook_wait_ms, ring_ms,
           disconnect_ms, talk_s, hold_s, ended_at is not null as has_ended, ringing_at is not null as has_rung,
           us_between(answered_at, ended_at) as busy_us,
           -- an end that no status tells is that of the session
           case when end_status is not null then us_between(invited_at, ended_at) end as lasted_us,
           outcome <> 'open' and (outcome <> 'answered' or ended_at is not null) as is_over,
           not left_truncated as is_attempt, not left_truncated and seized as is_seizure, outcome = 'answered' as is_answered,
           -- RFC 6076 counts at the originating side, once what comes of an INVITE is known
           not left_truncated and direction = 'out' and outcome <> 'open' as is_request,
           outcome <> 'answered' and coalesce(sip_status between 300 and 399 or sip_status in (401, 402, 407), false) as is_sent_on,
           case when sip_status is null then outcome in ('busy', 'no_answer', 'declined')
                else sip_status in (480, 486, 600, 603) end as is_users_will
    from chosen_calls
)
select part, count(*) as calls, count(*) filter (where is_attempt) as attempts, count(*) filter (where not is_attempt) as truncated,
       count(*) filter (where is_attempt and is_answered) as answered, count(*) filter (where is_seizure) as seizures,
       count(*) filter (where is_seizure and is_answered) as answered_seizures,
       count(*) filter (where is_seizure and outcome in ('answered', 'busy', 'no_answer', 'declined')) as effective,
       count(*) filter (where is_seizure and has_ended) as ended_seizures,
       count(*) filter (where is_attempt and is_over) as over_attempts,
       count(*) filter (where is_attempt and is_over and is_answered and not dropped) as completed_attempts,
       count(*) filter (where is_request and not is_sent_on) as own_requests,
       count(*) filter (where is_request and is_answered) as established,
       count(*) filter (where is_request and not is_sent_on and (is_answered or is_users_will)) as effective_requests,
       count(*) filter (where is_request) as requests, count(*) filter (where is_request and outcome = 'ineffective') as ineffective,
       count(*) filter (where is_request and is_over) as ended_requests,
       count(*) filter (where is_request and is_over and is_answered and not dropped) as completed_requests,
       count(*) filter (where is_attempt and outcome in ('ineffective', 'media_failed', 'failed')) as setup_failures,
       count(*) filter (where is_answered and has_ended and dropped) as dropped,
       count(*) filter (where is_answered and has_ended and ended_how = 'failed') as failed_later,
       count(*) filter (where is_answered) as talked, count(*) filter (where is_answered and holds > 0) as n_held,
       count(*) filter (where is_answered and dtmf_count > 0) as n_toned, count(*) filter (where is_answered and transfers > 0) as n_moved,
       count(talk_s) as talks, exact_mean(talk_s) as talk_mean_s, quantile_cont(talk_s, [0.5, 0.9, 0.95, 0.99]) as talk_s,
       count(hold_s) filter (where holds > 0) as hold_times,
       quantile_cont(hold_s, [0.5, 0.9, 0.95, 0.99]) filter (where holds > 0) as hold_s,
       sum(coalesce(busy_us, 0) + coalesce(round(ring_ms * 1000)::bigint, 0)) filter (where is_seizure and has_ended) / 1e6
         / nullif(count(*) filter (where is_seizure and has_ended), 0) as mean_held_s,
       count(post_dial_ms) as post_dials, quantile_cont(post_dial_ms, [0.5, 0.9, 0.95, 0.99]) as post_dial_ms,
       count(lasted_us) filter (where is_request and not is_sent_on and not has_rung
                                and outcome in ('busy', 'declined', 'refused', 'no_answer', 'ineffective', 'failed')) as failed_dials,
       quantile_cont(lasted_us / 1000.0, [0.5, 0.9, 0.95, 0.99])
         filter (where is_request and not is_sent_on and not has_rung
                 and outcome in ('busy', 'declined', 'refused', 'no_answer', 'ineffective', 'failed')) as failed_dial_ms,
       count(setup_ms) filter (where direction = 'out') as setups,
       quantile_cont(setup_ms, [0.5, 0.9, 0.95, 0.99]) filter (where direction = 'out') as setup_ms,
       count(hook_wait_ms) as hook_waits, quantile_cont(hook_wait_ms, [0.5, 0.9, 0.95, 0.99]) as hook_wait_ms,
       count(ring_ms) as rings, quantile_cont(ring_ms, [0.5, 0.9, 0.95, 0.99]) as ring_ms,
       count(disconnect_ms) as disconnects, quantile_cont(disconnect_ms, [0.5, 0.9, 0.95, 0.99]) as disconnect_ms
from rated
group by part
order by part
