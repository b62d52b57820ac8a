-- Which calls are asked for?
select t.*, s.browser, s.os
from calls t
left join sessions s on s.session_key = t.session_key
where ($since is null or case when $overlapping then coalesce(t.ended_at, t.last_seen_at) else t.invited_at end >= $since)
  and ($until is null or t.invited_at < $until)
  and ($node is null or t.node_id = $node)
  and ($app is null or t.app_key = $app)
  and ($session is null or t.session_key = $session or t.session_id = $session)
  and ($call is null or t.call_key = $call or t.call_id = $call)
  and ($user is null or s.user_id = $user or t.caller = $user or t.callee = $user)
  and $stream is null and $name is null
