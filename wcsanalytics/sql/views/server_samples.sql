-- What was measured of servers?
select source_id, line, byte_offset, node_id, sampled_at, estimated, null::varchar as kind, null::varchar as direction,
       metric_group, metric, value, unit, measured_by
from stored.server_samples
