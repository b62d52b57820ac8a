-- macro instant_of(local_us, zone, ahead_min)
-- When was it that a clock, of a zone with rules or so many minutes ahead of UTC, showed this?
case when local_us is null or (zone is null and ahead_min is null) then null
     when zone is not null then timezone(zone, make_timestamp(local_us))
     else timezone('UTC', make_timestamp(local_us - ahead_min * 60000000)) end
