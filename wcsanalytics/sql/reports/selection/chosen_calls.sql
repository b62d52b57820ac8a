-- Which calls are asked for?
select t.*
from all_calls t
where ($since is null or case when $overlapping then coalesce(t.ended_at, t.last_seen_at) else t.invited_at end >= $since)
  and ($until is null or t.invited_at < $until)
  and ($node is null or t.node_id = $node)
  and ($app is null or t.app_key = $app)
  and ($session is null or t.session_key = $session or t.session_id = $session)
  and ($call is null or t.call_key = $call or t.call_id = $call)
  and ($user is null or t.session_key in (select session_key from sessions where user_id = $user) or t.caller = $user or t.callee = $user)
  and $stream is null and $name is null
