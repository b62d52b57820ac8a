-- How long was each stream seen to live, and did it end? Of one that did not, the last record is the last that is known.
create or replace temp table lives as
with told as (
    select stream_key,
           min(sent_at) filter (where status in ('PUBLISHING', 'PLAYING')) as started_at,
           min(sent_at) filter (where status in ('UNPUBLISHED', 'STOPPED', 'FAILED')) as ended_at,
           max(sent_at) as last_seen_at
    from read_parquet($events)
    group by stream_key
)
select *, ended_at is not null as is_over,
       (epoch_us(coalesce(ended_at, last_seen_at)) - epoch_us(started_at)) / 1e6 as observed_s
from told
where started_at is not null
