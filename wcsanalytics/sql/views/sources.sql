-- What was read?
select source_id, format, path, records, new, known, rejected, ignored, pending, pairs, halves, bytes, node_id, first_at, last_at,
       complete, why_incomplete, doubts
from facts.sources
