-- macro lost_of(packets_lost)
-- How many packets were lost? None where more came late than were lost; null where nobody counted, which greatest() would make 0.
case when packets_lost < 0 then 0 else packets_lost end
