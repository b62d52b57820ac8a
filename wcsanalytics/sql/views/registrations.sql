-- Which sessions asked for a SIP registration, and what came of it?
with asked as (
    select session_key, min(sent_at) filter (where hook = 'connect' and sip_register_required) as requested_at,
           max(sip_login) as sip_login, max(session_id) as session_id, max(node_id) as node_id,
           arg_min(source_id, nth) as source_id, arg_min(line, nth) as line,
           arg_min(byte_offset, nth) as byte_offset,
           min(sent_at) filter (where hook = 'RegistrationStatusEvent') as decided_at,
           arg_min(status, nth) filter (where hook = 'RegistrationStatusEvent') as first_status,
           string_agg(status, ' ' order by nth) filter (where hook = 'RegistrationStatusEvent') as status_path,
           arg_max(info, nth) filter (where hook = 'RegistrationStatusEvent') as end_info
    from own_connection_hooks
    group by session_key
)
select source_id, line, byte_offset, session_key, session_id, node_id, sip_login, requested_at, decided_at,
       case when first_status = 'REGISTERED' then us_between(requested_at, decided_at) / 1000.0 end as delay_ms,
       case when first_status = 'REGISTERED' then 'registered'
            when first_status is null then 'open'
            else 'failed' end as outcome,
       status_path, end_info
from asked
where requested_at is not null or decided_at is not null
