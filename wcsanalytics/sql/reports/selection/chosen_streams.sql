-- Which streams are asked for?
select t.*
from all_streams t
where ($since is null
       or case when $overlapping then coalesce(t.ended_at, t.last_seen_at)
               else coalesce(t.requested_at, t.started_at, t.last_seen_at) end >= $since)
  and ($until is null or coalesce(t.requested_at, t.started_at, t.last_seen_at) < $until)
  and ($node is null or t.node_id = $node)
  and ($app is null or t.app_key = $app)
  and ($session is null or t.session_key = $session or t.session_id = $session)
  and ($stream is null or t.stream_key = $stream or t.media_session_id = $stream)
  and ($name is null or t.name = $name)
  and ($user is null or t.session_key in (select session_key from sessions where user_id = $user))
  and $call is null
