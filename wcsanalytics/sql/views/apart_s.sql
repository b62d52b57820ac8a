-- macro apart_s(happened_at, first_at, last_at)
-- How many seconds does an instant lie outside of a span?
greatest(date_diff('microsecond', happened_at, first_at), date_diff('microsecond', last_at, happened_at), 0) / 1e6
