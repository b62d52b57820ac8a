-- With which SIP status did calls end, and what became of them?
select direction, sip_status, outcome, count(*) as calls, count(*) / sum(count(*)) over (partition by direction) as share_ratio
from chosen_calls
where sip_status is not null
group by direction, sip_status, outcome
order by direction, calls desc, sip_status, outcome
