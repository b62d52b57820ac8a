-- macro deciding_order(nth, ends)
-- Which record of several stands for all of them, the greatest: the first that ends them, else the last?
-- The number is the greatest hugeint. Records that end them are counted down from it, so the first of these is the greatest.
case when ends then 170141183460469231731687303715884105727::hugeint - nth else nth end
