-- What went wrong first, and what next?
select 'timeline.' || severity as rule, severity, coalesce(nullif(about, ''), session_id) as subject,
       what || case when detail <> '' then ': ' || detail else '' end as says, source_id, line, byte_offset
from (select t.happened_at, coalesce(m.name, c.callee, '') as about, coalesce(s.session_id, 'server') as session_id, t.what, t.detail,
             t.severity, t.source_id, t.line, t.byte_offset
      from shown_timeline t
      left join chosen_sessions s on s.session_key = t.session_key
      left join all_streams m on m.stream_key = t.stream_key
      left join all_calls c on c.call_key = t.call_key
      where t.severity in ('error', 'warning') and t.told_by <> 'server_log')
order by severity, happened_at, source_id, byte_offset, says
limit 200
