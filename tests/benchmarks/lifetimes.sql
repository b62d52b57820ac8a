-- How long did each stream live?
with lives as (
    select stream_key, any_value(session_key) as session_key,
           min(sent_at) filter (where status in ('PUBLISHING', 'PLAYING')) as started_at,
           min(sent_at) filter (where status in ('UNPUBLISHED', 'STOPPED', 'FAILED')) as ended_at
    from read_parquet($events)
    where hook = 'StreamStatusEvent'
    group by stream_key
)
select stream_key, session_key, started_at, ended_at, date_diff('microsecond', started_at, ended_at) / 1e6 as lived_s
from lives
order by stream_key
