-- Under which names was each lineage seen?
select source_id, path, member, seen_at from facts.source_names
