-- What was read?
select s.source_id, format, path, records, new, known, rejected, ignored, pending, pairs, halves, bytes, s.node_id, first_at, last_at,
       complete, why_incomplete,
       nullif(concat_ws('; ', doubts, case when z.zone_by = 'assumed' and not z.is_told
                                           then 'its zone is assumed to be UTC; --tz ZONE says it' end), '') as doubts
from facts.sources s
left join record_sources z on z.source_id = s.source_id
