-- What became of all streams? Asked once for all questions of a report.
select * from streams
