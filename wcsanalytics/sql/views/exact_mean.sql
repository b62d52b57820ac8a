-- macro exact_mean(seconds)
-- What is the mean, to the microsecond? Whole numbers add up alike in any order; floating ones don't.
sum(round(seconds * 1e6)::bigint) / 1e6 / count(seconds)
