-- What became of each publish and play?
with phases as (
    -- how long each status lasted, of the streams that were paused
    select stream_key, status, sent_at, lead(sent_at) over (partition by stream_key order by nth) as until_at
    from own_stream_hooks
    where hook = 'StreamStatusEvent' and status in ('PUBLISHING', 'PLAYING', 'PAUSED', 'UNPUBLISHED', 'STOPPED', 'FAILED')
      and stream_key in (select stream_key from told_streams where was_paused)
),
pauses as (
    select stream_key, sum(us_between(sent_at, until_at)) / 1e6 as paused_s,
           max(sent_at) filter (where until_at is null) as last_paused_at
    from phases
    where status = 'PAUSED'
    group by stream_key
),
beats as (
    -- of streams whose end is not told: silence that is longer than three times the longest distance of keep-alives means
    -- that the stream is gone
    select stream_key, greatest(3 * max(us_between(before_at, sent_at)) / 1e6, 30) as patience_s
    from (select stream_key, sent_at, lag(sent_at) over (partition by stream_key order by nth) as before_at
          from own_stream_hooks
          where hook = 'StreamKeepAliveEvent' and stream_key in (select stream_key from told_streams where ending is null))
    group by stream_key
),
with_session as (
    select l.*, l.ending.status as end_status, l.ending.info as end_info,
           coalesce(l.told_end_at, case when s.ended_at >= l.first_seen_at then s.ended_at end) as ended_at,
           coalesce(c.cause, case when coalesce(trim(l.ending.info), '') = '' then 'none' else 'unknown' end) as cause,
           coalesce(c.cause_group, case when coalesce(trim(l.ending.info), '') = '' then 'none' else 'other' end) as cause_group,
           p.paused_s, p.last_paused_at, coalesce(us_between(l.last_seen_at, e.last_at) / 1e6 > b.patience_s, false)
             or n.session_key is not null
             or us_between(coalesce(s.last_seen_at, l.last_seen_at), e.last_at) > 43_200_000_000 as is_silent
    from told_streams l
    left join session_ends s on s.session_key = l.session_key
    left join capture_ends e on e.node_id = coalesce(l.node_id, '')
    left join followed_sessions n on n.session_key = l.session_key
    left join beats b on b.stream_key = l.stream_key
    left join pauses p on p.stream_key = l.stream_key
    left join facts.causes c on c.about = 'stream' and c.text = lower(trim(l.ending.info))
    where l.is_stream
),
judged as (
    select *, case when publishes then 'publish' else 'play' end as role,
           case when end_status = 'FAILED' and started_at is null then 'failed_to_start'
                when end_status = 'FAILED' then 'failed'
                when ended_at is not null and started_at is null then 'left_before_start'
                when ended_at is not null then 'completed'
                when is_silent then 'vanished'
                else 'open' end as outcome,
           case when ended_at is null and is_silent then 'vanished'
                when ended_at is null then 'open'
                when end_status is null then case when stopped_at is null then 'session_lost' else 'asked' end
                when end_status = 'FAILED' and (cause_group <> 'session_loss' or cause = 'ice') then 'failed'
                when cause_group = 'session_loss' then 'session_lost'
                when lower(trim(end_info)) = 'stopped by publisher stop' then 'publisher_gone'
                when cause = 'normal_admin' then 'admin'
                when stopped_at is null and cause_group in ('cdn', 'source', 'server') then 'far_end'
                else 'asked' end as ended_how
    from with_session
),
publishers as (
    -- no two publishers have one name at one time
    select coalesce(node_id, '') as node, name, started_at,
           arg_max({'key': stream_key, 'ended_how': ended_how, 'ended_at': ended_at}, stream_key) as publisher
    from judged
    where role = 'publish' and started_at is not null and name is not null
    group by node, name, started_at
),
watched as (
    -- of each play the last publisher of that name who began before the play ended, unless he was gone before it began
    select j.stream_key, p.publisher
    from (select stream_key, coalesce(node_id, '') as node, name, first_seen_at, coalesce(ended_at, last_seen_at) as at_time
          from judged
          where role = 'play' and name is not null) j
    asof join publishers p on p.node = j.node and p.name = j.name and p.started_at <= j.at_time
    where p.publisher.ended_at is null or p.publisher.ended_at >= j.first_seen_at
)
select j.source_id, j.line, j.byte_offset, j.stream_key, j.session_key, j.media_session_id, j.session_id, j.node_id, j.app_key,
       j.name, j.role, j.requested_at, j.started_at, j.ended_at,
       us_between(j.requested_at, j.started_at) / 1000.0 as startup_ms,
       us_between(j.requested_at, j.request_answered_at) / 1000.0 as hook_wait_ms,
       us_between(j.started_at, j.ended_at) / 1e6 as lived_s,
       us_between(j.first_seen_at, j.last_seen_at) / 1e6 as observed_s,
       coalesce(j.paused_s, 0) + coalesce(us_between(j.last_paused_at, j.ended_at) / 1e6, 0) as paused_s, j.outcome,
       j.ended_how,
       case when j.started_at is null or j.ended_how in ('open', 'vanished') then null
            when j.ended_how <> 'publisher_gone' then j.ended_how in ('failed', 'session_lost')
            when w.publisher.ended_how in ('open', 'vanished') then null
            else w.publisher.ended_how in ('failed', 'session_lost') end as dropped,
       j.end_status, j.end_info, j.cause, j.cause_group, j.media_provider, j.audio_codec, j.video_codec, j.transport,
       j.keep_alives, j.last_seen_at,
       j.first_hook not in ('publishStream', 'playStream', 'playHLS', 'playRTSP') as left_truncated,
       w.publisher.key as publisher_key
from judged j
left join watched w on w.stream_key = j.stream_key
