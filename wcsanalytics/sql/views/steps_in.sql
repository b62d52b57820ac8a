-- What was each number of a report of this relation in the sample before, in which epoch of its report is it, and the last there?
-- `grown` is the same as `delta`, but that the first of an epoch counts from nothing.
table
with numbers as (
    select *, case when stream_key is null and call_key is null then source_id end as lineage,
           counter and not is_loss(metric) as only_grows
    from query_table(relation)
    where value is not null
),
compared as (
    select *, lag(value) over series as value_before, lag(sampled_at) over series as before_at,
           coalesce(lag(ssrc) over series <> ssrc or lag(codec) over series <> codec, false) as is_another,
           bool_or(only_grows) over (
               partition by stream_key, call_key, lineage, peer, measured_by, report_type, report_id, kind, direction
           ) as has_growing
    from numbers
    window series as (
        partition by stream_key, call_key, lineage, peer, measured_by, report_type, report_id, kind, direction, metric
        order by place, sampled_at
    )
),
marked as (
    -- late packets take losses back: these tell of a new start only where nothing better does
    select *,
           bool_or(is_another or value < value_before and (only_grows or counter and not has_growing)) over instant as restarts,
           row_number() over (instant order by metric) = 1 as leads
    from compared
    window instant as (
        partition by stream_key, call_key, lineage, peer, measured_by, report_type, report_id, kind, direction, place, sampled_at
    )
),
counted as (
    select *, sum(case when leads and restarts then 1 else 0 end) over (
               partition by stream_key, call_key, lineage, peer, measured_by, report_type, report_id, kind, direction
               order by place, sampled_at range between unbounded preceding and current row
           ) as epoch
    from marked
)
select source_id, line, byte_offset, place, session_key, stream_key, call_key, lineage, media_session_id, peer, kind, direction,
       measured_by, report_type, report_id, ssrc, codec, metric, value, unit, counter, sampled_at, epoch,
       lead(epoch) over series is distinct from epoch as ends_epoch,
       case when lag(epoch) over series = epoch then before_at end as since_at,
       case when lag(epoch) over series = epoch then value - value_before end as delta,
       case when lag(epoch) over series = epoch then value - value_before else value end as grown
from counted
window series as (
    partition by stream_key, call_key, lineage, peer, measured_by, report_type, report_id, kind, direction, metric
    order by place, sampled_at
)
