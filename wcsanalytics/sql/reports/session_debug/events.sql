-- What happened, in order?
select t.happened_at, t.after_s, t.session, t.about, t.what, t.detail, t.severity, t.told_by,
       n.path || coalesce('!' || n.member, '') as path, t.line
from shown_timeline t
left join facts.sources n on n.source_id = t.source_id
order by t.happened_at, t.source_id, t.byte_offset, t.what, t.detail
