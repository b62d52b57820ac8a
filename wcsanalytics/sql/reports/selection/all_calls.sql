-- What became of all calls? Asked once for all questions of a report.
select * from calls
