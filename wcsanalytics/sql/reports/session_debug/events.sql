-- What happened, in order?
select t.happened_at, date_diff('microsecond', first_value(t.happened_at) over (partition by t.session_key order by t.happened_at),
                                t.happened_at) / 1e6 as since_start_s,
       coalesce(s.session_id, 'server') as session_id, coalesce(m.name, c.callee, '') as about, t.what, t.detail, t.severity, t.told_by,
       n.path, t.line, t.byte_offset
from shown_timeline t
left join chosen_sessions s on s.session_key = t.session_key
left join all_streams m on m.stream_key = t.stream_key
left join all_calls c on c.call_key = t.call_key
left join sources n on n.source_id = t.source_id
order by t.happened_at, t.source_id, t.byte_offset, t.what, t.detail
