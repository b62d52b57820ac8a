-- What does each report on a stream of RTP tell? The rows of the view, made once for all questions that build on them.
select * from main.media_reports
