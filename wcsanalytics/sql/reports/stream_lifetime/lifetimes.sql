-- How long did each started stream live, and was its end seen? Those that still lived are censored.
select role, coalesce(lived_s, us_between(started_at, last_seen_at) / 1e6) as lived_s, lived_s is not null as ended
from chosen_streams
where started_at is not null and not left_truncated and coalesce(lived_s, us_between(started_at, last_seen_at)) >= 0
order by role, lived_s, ended
