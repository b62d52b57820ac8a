-- What became of each publish and play?
with told as (
    select source_id, line, byte_offset, stream_key, session_key, sent_at, answered_at, hook, status, info, node_id, app_key,
           session_id, media_session_id, name, published, media_type, media_provider, audio_codec, video_codec, transport,
           hook in ('publishStream', 'playStream', 'playHLS', 'playRTSP') as asks,
           hook in ('stopStream', 'unPublishStream') as stops,
           hook in ('StreamStatusEvent', 'StreamKeepAliveEvent') and status in ('PUBLISHING', 'PLAYING') as runs,
           hook = 'StreamStatusEvent' and status in ('UNPUBLISHED', 'STOPPED', 'FAILED') as ends
    from own_stream_hooks
),
phases as (
    -- how long each status lasted
    select stream_key, status, sent_at,
           lead(sent_at) over (partition by stream_key order by sent_at, source_id, byte_offset) as until_at
    from told
    where hook = 'StreamStatusEvent' and status in ('PUBLISHING', 'PLAYING', 'PAUSED', 'UNPUBLISHED', 'STOPPED', 'FAILED')
),
pauses as (
    select stream_key, sum(date_diff('microsecond', sent_at, until_at)) / 1e6 as paused_s
    from phases
    where status = 'PAUSED' and until_at is not null
    group by stream_key
),
beats as (
    -- silence that is longer than three times the usual distance of keep-alives means that the stream is gone
    select stream_key, count(*) as keep_alives,
           greatest(3 * max(date_diff('microsecond', before_at, sent_at)) / 1e6, 30) as patience_s
    from (select stream_key, sent_at, lag(sent_at) over (partition by stream_key order by sent_at) as before_at
          from told
          where hook = 'StreamKeepAliveEvent')
    group by stream_key
),
lives as (
    select stream_key, arg_min(source_id, (sent_at, source_id, byte_offset)) as source_id,
           arg_min(line, (sent_at, source_id, byte_offset)) as line,
           arg_min(byte_offset, (sent_at, source_id, byte_offset)) as byte_offset,
           arg_min(hook, (sent_at, source_id, byte_offset)) as first_hook,
           arg_min(session_key, sent_at) as session_key, arg_min(session_id, sent_at) as session_id,
           max(media_session_id) as media_session_id, max(node_id) as node_id, max(app_key) as app_key,
           coalesce(arg_max(name, (sent_at, source_id, byte_offset)) filter (where runs),
                    arg_min(name, (sent_at, source_id, byte_offset)) filter (where name is not null)) as name,
           bool_or(hook in ('publishStream', 'unPublishStream') or published or media_type = 'publish') as publishes,
           min(sent_at) as first_seen_at, max(sent_at) as last_seen_at,
           min(sent_at) filter (where asks) as requested_at,
           arg_min(answered_at, sent_at) filter (where asks) as request_answered_at,
           min(sent_at) filter (where runs) as started_at,
           min(sent_at) filter (where ends) as ended_at,
           min(sent_at) filter (where stops) as stopped_at,
           arg_min(status, sent_at) filter (where ends) as end_status,
           arg_min(info, sent_at) filter (where ends) as end_info,
           max(media_provider) as media_provider, max(audio_codec) as audio_codec, max(video_codec) as video_codec,
           max(transport) as transport, bool_or(asks or runs or ends or stops) as is_stream
    from told
    group by stream_key
),
with_session as (
    select l.source_id, l.line, l.byte_offset, l.stream_key, l.session_key, l.media_session_id, l.session_id, l.node_id,
           l.app_key, l.name, case when l.publishes then 'publish' else 'play' end as role, l.requested_at, l.started_at,
           coalesce(l.ended_at, case when s.ended_at >= l.first_seen_at then s.ended_at end) as ended_at,
           l.ended_at is null and s.ended_at >= l.first_seen_at as ended_with_session,
           l.request_answered_at, l.first_seen_at, l.last_seen_at, l.stopped_at, l.end_status, l.end_info,
           coalesce(c.cause, case when coalesce(trim(l.end_info), '') = '' then 'none' else 'unknown' end) as cause,
           coalesce(c.cause_group, case when coalesce(trim(l.end_info), '') = '' then 'none' else 'other' end) as cause_group,
           l.media_provider, l.audio_codec, l.video_codec, l.transport, coalesce(b.keep_alives, 0) as keep_alives,
           coalesce(p.paused_s, 0) as paused_s,
           l.first_hook not in ('publishStream', 'playStream', 'playHLS', 'playRTSP') as left_truncated,
           coalesce(date_diff('microsecond', l.last_seen_at, e.last_at) / 1e6 > b.patience_s, false)
             or n.session_key is not null
             or date_diff('second', coalesce(s.last_seen_at, l.last_seen_at), e.last_at) > 43200 as is_silent
    from lives l
    left join session_ends s on s.session_key = l.session_key
    left join capture_ends e on e.node_id = coalesce(l.node_id, '')
    left join followed_sessions n on n.session_key = l.session_key
    left join beats b on b.stream_key = l.stream_key
    left join pauses p on p.stream_key = l.stream_key
    left join facts.causes c on c.about = 'stream' and c.text = lower(trim(l.end_info))
    where l.is_stream
),
judged as (
    select *,
           case when end_status = 'FAILED' and started_at is null then 'failed_to_start'
                when end_status = 'FAILED' then 'failed'
                when ended_at is not null and started_at is null then 'left_before_start'
                when ended_at is not null then 'completed'
                when is_silent then 'vanished'
                else 'open' end as outcome,
           case when ended_at is null and is_silent then 'vanished'
                when ended_at is null then 'open'
                when end_status = 'FAILED' and cause_group = 'session_loss' and cause <> 'ice' then 'session_lost'
                when end_status = 'FAILED' then 'failed'
                when ended_with_session or cause_group = 'session_loss' then 'session_lost'
                when lower(trim(end_info)) = 'stopped by publisher stop' then 'publisher_gone'
                when cause = 'normal_admin' then 'admin'
                when stopped_at is not null or cause_group = 'normal' or role = 'publish' then 'asked'
                when cause_group in ('cdn', 'source', 'server') then 'far_end'
                else 'asked' end as own_ended_how
    from with_session
),
watched as (
    -- the publish of the same name that a play watched: the last that was there when the play ended
    select p.stream_key, arg_max(b.stream_key, b.first_seen_at) as publisher_key,
           arg_max(b.own_ended_how, b.first_seen_at) as publisher_ended_how
    from judged p
    join judged b on b.role = 'publish' and p.role = 'play' and b.name = p.name and b.node_id is not distinct from p.node_id
        and b.first_seen_at <= coalesce(p.ended_at, p.last_seen_at)
        and (b.ended_at is null or b.ended_at >= p.first_seen_at)
    group by p.stream_key
)
select j.source_id, j.line, j.byte_offset, j.stream_key, j.session_key, j.media_session_id, j.session_id, j.node_id, j.app_key,
       j.name, j.role, j.requested_at, j.started_at, j.ended_at,
       date_diff('microsecond', j.requested_at, j.started_at) / 1000.0 as startup_ms,
       case when j.requested_at is not null
            then date_diff('microsecond', j.requested_at, j.request_answered_at) / 1000.0 end as hook_wait_ms,
       date_diff('microsecond', j.started_at, j.ended_at) / 1e6 as lived_s,
       date_diff('microsecond', j.first_seen_at, j.last_seen_at) / 1e6 as observed_s, j.paused_s::double as paused_s, j.outcome,
       j.own_ended_how as ended_how,
       case when j.started_at is null or j.own_ended_how in ('open', 'vanished') then null
            when j.own_ended_how = 'publisher_gone' and w.publisher_ended_how in ('open', 'vanished') then null
            when j.own_ended_how = 'publisher_gone' then coalesce(w.publisher_ended_how in ('failed', 'session_lost'), false)
            else j.own_ended_how in ('failed', 'session_lost') end as dropped,
       j.end_status, j.end_info, j.cause, j.cause_group, j.media_provider, j.audio_codec, j.video_codec, j.transport,
       j.keep_alives, j.last_seen_at, j.left_truncated, w.publisher_key
from judged j
left join watched w on w.stream_key = j.stream_key
