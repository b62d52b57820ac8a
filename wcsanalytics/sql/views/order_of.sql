-- macro order_of(happened_at, place)
-- Where does a record stand in the order of time and, of one instant, of the capture? One number sorts faster than two columns.
coalesce(epoch_us(happened_at), 9223372036854775807)::hugeint * 9223372036854775808::hugeint + place
