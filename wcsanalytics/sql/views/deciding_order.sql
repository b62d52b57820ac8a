-- macro deciding_order(nth, ends)
-- Which record of several stands for all of them, the greatest: the first that ends them, else the last?
case when ends then 170141183460469231731687303715884105727::hugeint - nth else nth end
