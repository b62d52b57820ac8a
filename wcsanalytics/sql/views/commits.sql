-- What was committed, and when?
select number, committed_at, parts, row_count from facts.commits
