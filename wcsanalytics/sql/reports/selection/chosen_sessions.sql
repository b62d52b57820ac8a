-- Which sessions are asked for, by themselves or by a stream or call of theirs?
select t.*
from sessions t
where ($since is null
       or case when $overlapping then coalesce(t.ended_at, t.last_seen_at)
               else coalesce(t.connected_at, t.first_seen_at) end >= $since)
  and ($until is null or coalesce(t.connected_at, t.first_seen_at) < $until)
  and ($node is null or t.node_id = $node)
  and ($app is null or t.app_key = $app)
  and ($session is null or t.session_key = $session or t.session_id = $session)
  and ($user is null or t.user_id = $user
       or t.session_key in (select session_key from calls where caller = $user or callee = $user))
  and ($call is null or t.session_key in (select session_key from calls where call_key = $call or call_id = $call))
  and (($stream is null and $name is null)
       or t.session_key in (select session_key from streams
                            where ($stream is null or stream_key = $stream or media_session_id = $stream)
                              and ($name is null or name = $name)))
