-- What became of all sessions? Asked once for all questions of a report.
select * from sessions
