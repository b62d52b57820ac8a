-- What do the hooks of each stream tell? It stands at the record that ended it, else at the last that tells of it.
with told as (
    select source_id, line, byte_offset, nth, stream_key, session_key, sent_at, answered_at, hook, status, info, node_id,
           app_key, session_id, media_session_id, name, published, media_type, media_provider, audio_codec, video_codec, transport,
           hook in ('publishStream', 'playStream', 'playHLS', 'playRTSP') as asks,
           hook in ('stopStream', 'unPublishStream') as stops,
           hook in ('StreamStatusEvent', 'StreamKeepAliveEvent') and status in ('PUBLISHING', 'PLAYING') as runs,
           hook = 'StreamStatusEvent' and status in ('UNPUBLISHED', 'STOPPED', 'FAILED') as ends,
           deciding_order(nth, ends) as weight
    from own_stream_hooks
)
select stream_key, arg_max(source_id, weight) as source_id, arg_max(line, weight) as line,
       arg_max(byte_offset, weight) as byte_offset, arg_min(hook, nth) as first_hook,
       arg_min(session_key, nth) as session_key, arg_min(session_id, nth) as session_id,
       any_value(media_session_id) as media_session_id, max(node_id) as node_id, max(app_key) as app_key,
       coalesce(arg_max(name, nth) filter (where runs), arg_min(name, nth)) as name,
       bool_or(tells_publishing(hook, published, media_type)) as publishes,
       min(sent_at) as first_seen_at, max(sent_at) as last_seen_at,
       min(sent_at) filter (where asks) as requested_at,
       arg_min(answered_at, nth) filter (where asks) as request_answered_at,
       min(sent_at) filter (where runs) as started_at, min(sent_at) filter (where stops) as stopped_at,
       min(sent_at) filter (where ends) as told_end_at,
       arg_min({'status': status, 'info': info}, nth) filter (where ends) as ending,
       count(*) filter (where hook = 'StreamKeepAliveEvent') as keep_alives,
       bool_or(hook = 'StreamStatusEvent' and status = 'PAUSED') as was_paused,
       max(media_provider) as media_provider, max(audio_codec) as audio_codec, max(video_codec) as video_codec,
       max(transport) as transport, bool_or(asks or runs or ends or stops) as is_stream
from told
group by stream_key
