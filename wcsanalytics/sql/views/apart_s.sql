-- macro apart_s(happened_at, first_at, last_at)
-- How many seconds does an instant lie outside of a span?
greatest(us_between(happened_at, first_at), us_between(last_at, happened_at), 0) / 1e6
