-- Which records were not kept, where do they stand, and why?
select r.source_id, s.path, s.member, r.line, r.byte_offset, r.length, r.reason, r.n_lines
from stored.rejected r
left join facts.sources s on s.source_id = r.source_id
