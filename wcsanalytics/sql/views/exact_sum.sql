-- macro exact_sum(value)
-- What do they add up to, to a millionth? Whole numbers add up alike in any order; floating ones don't.
sum(round(value * 1e6)::bigint) / 1e6
