-- macro us_between(since, until)
-- How many microseconds lie between two instants? date_diff asks a calendar for each, which takes fifty times as long.
epoch_us(until) - epoch_us(since)
