-- Which sources tell of each session, stream and call, and where do they differ?
with told as (
    select 'session' as about, session_key as own_key, source_id, line, byte_offset, session_key, null::varchar as stream_key,
           null::varchar as call_key, node_id, id, by_hooks, by_record, 'conndr' as record, differs
    from session_tellings
    union all
    select 'stream', stream_key, source_id, line, byte_offset, session_key, stream_key, null, node_id, id, by_hooks, by_record, 'sdr',
           differs
    from stream_tellings
    union all
    select 'call', call_key, source_id, line, byte_offset, session_key, null, call_key, node_id, id, by_hooks, by_record, 'cdr', differs
    from call_tellings
),
compared as (
    select t.*, c.formats, c.n_formats, concat_ws('; ', nullif(t.differs, ''), 'hooks: ' || c.alone) as all_differs
    from told t
    left join hook_channels c on c.about = t.about and c.own_key = t.own_key
),
talkative as (select distinct session_key from client_log where session_key is not null)
select t.source_id, t.line, t.byte_offset, t.session_key, t.stream_key, t.call_key, t.node_id, t.about, t.id,
       concat_ws(', ', t.formats, case when t.by_record then t.record end,
                 case when t.about = 'session' and l.session_key is not null then 'client_log' end) as told_by,
       case when t.all_differs <> '' then false
            when t.by_hooks and t.by_record or t.n_formats > 1 then true end as agrees, nullif(t.all_differs, '') as differs
from compared t
left join talkative l on l.session_key = t.session_key
