-- What did the server tell of the video rate of each stream, second by second, and what did its client count in between?
-- Bytes are counted at other moments: of each interval of them as much counts as lies between the two messages.
with told as (
    select stream_key, direction, sampled_at, place, value as server_bps,
           lag(sampled_at) over (partition by stream_key, direction order by place) as before_at
    from rtp_samples
    where measured_by = 'video_rate' and metric = 'videoRate' and stream_key is not null
),
counters as (
    -- where several tell of the bytes, the one that tells most often
    select stream_key, direction, arg_max(measured_by, (n, measured_by)) as measured_by
    from (select stream_key, direction, measured_by, count(*) as n
          from media_reports
          where kind = 'video' and bytes is not null and since_at is not null
          group by stream_key, direction, measured_by)
    group by stream_key, direction
),
counted as (
    select t.stream_key, t.direction, t.sampled_at, r.report_id,
           sum(us_between(greatest(r.since_at, t.before_at), least(r.until_at, t.sampled_at))) as covered_us,
           exact_sum(r.bytes * us_between(greatest(r.since_at, t.before_at), least(r.until_at, t.sampled_at))
                     / us_between(r.since_at, r.until_at)) as bytes
    from told t
    join counters c on c.stream_key = t.stream_key and c.direction = t.direction
    join media_reports r on r.stream_key = c.stream_key and r.direction = c.direction and r.measured_by = c.measured_by
        and r.kind = 'video' and r.bytes is not null and r.since_at < t.sampled_at and r.until_at > t.before_at
        and r.interval_s between 0.1 and 2
    group by t.stream_key, t.direction, t.sampled_at, r.report_id
),
steps as (
    select stream_key, direction, sampled_at, max(covered_us) as covered_us, exact_sum(bytes) as bytes
    from counted
    group by stream_key, direction, sampled_at
)
select t.stream_key, t.direction, us_between(t.before_at, t.sampled_at) / 1e6 as step_s, t.server_bps,
       case when s.covered_us >= 0.9 * us_between(t.before_at, t.sampled_at) then s.bytes * 8 end as client_bits
from told t
left join steps s on s.stream_key = t.stream_key and s.direction = t.direction and s.sampled_at = t.sampled_at
where t.before_at is not null
order by t.stream_key, t.direction, t.place
