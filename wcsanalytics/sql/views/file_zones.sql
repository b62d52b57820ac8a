-- By how many minutes is the clock of a client's log off, which stands in a file and belongs to a session?
with bounds as (
    select k.source_id, min(h.sent_at) as first_seen_at, max(h.sent_at) as last_seen_at
    from linked_sources k
    join every_hook h on h.session_id = k.session_id and h.session_key = regexp_extract(k.session_key, '^[^-]+')
    left join recurrences r on r.about = 'session' and r.base_key = h.session_key and h.sent_at >= r.from_at
        and (r.until_at is null or h.sent_at < r.until_at)
    where coalesce(r.life_key, h.session_key) = k.session_key
    group by k.source_id
),
lines as (
    select l.source_id, l.logged_at, b.first_seen_at, b.last_seen_at
    from stored.client_log_lines l
    join bounds b on b.source_id = l.source_id
    where l.told_by = 'file' and l.logged_at is not null and not starts_with(l.text, 'UTC ')
),
candidates as (
    -- not at all, or as the first or the last line tells, to the quarter hour
    select source_id, unnest([0, cast(round(date_diff('second', min(first_seen_at), min(logged_at)) / 900.0) as bigint) * 15,
                              cast(round(date_diff('second', min(last_seen_at), max(logged_at)) / 900.0) as bigint) * 15]) as ahead_min
    from lines
    group by source_id
),
fits as (
    select c.source_id, c.ahead_min,
           count(*) filter (where l.logged_at - to_minutes(c.ahead_min) between l.first_seen_at - interval 2 seconds
                                                                            and l.last_seen_at + interval 2 seconds) as n
    from (select distinct source_id, ahead_min from candidates) c
    join lines l on l.source_id = c.source_id
    where abs(c.ahead_min) <= 840
    group by c.source_id, c.ahead_min
)
select source_id, arg_max(ahead_min, (n, -abs(ahead_min), ahead_min)) as ahead_min from fits group by source_id
