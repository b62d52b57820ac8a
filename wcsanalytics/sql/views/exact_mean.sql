-- macro exact_mean(value)
-- What is the mean, to a millionth and the same in any order?
exact_sum(value) / count(value)
