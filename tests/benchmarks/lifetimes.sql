-- How long was each stream seen to live, and did it end? Of one that did not, the last record is the last that is known.
create or replace temp table lives as
with events as (
    select stream_key, sent_at,
           case when status in ('PUBLISHING', 'PLAYING') then 1
                when status in ('UNPUBLISHED', 'STOPPED', 'FAILED') then 2 end as tells
    from read_parquet($events)
),
told as (
    select stream_key, min(sent_at) filter (where tells = 1) as started_at,
           min(sent_at) filter (where tells = 2) as ended_at, max(sent_at) as last_seen_at
    from events
    group by stream_key
)
select *, ended_at is not null as is_over,
       (epoch_us(coalesce(ended_at, last_seen_at)) - epoch_us(started_at)) / 1e6 as observed_s
from told
where started_at is not null
