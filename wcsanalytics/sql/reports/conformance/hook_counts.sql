-- How many hooks were there, and were they answered and known: of all, or of each part? An answer may still come at the end.
select part($by, node := h.node_id, began_at := h.sent_at) as part, count(*) as hooks,
       count(*) filter (where h.answer = 'none' and us_between(h.sent_at, e.last_at) > 15_000_000) as unanswered,
       count(*) filter (where h.answer = 'error') as errors,
       count(*) filter (where h.kind = 'unknown' and h.hook is not null) as unknown_hooks
from chosen_hooks h
left join capture_ends e on e.node_id = coalesce(h.node_id, '')
where h.answer is distinct from 'orphan'
group by part
order by part
