-- Why did streams end?
select ended_how, cause_group, cause, coalesce(nullif(end_info, ''), 'none told') as reason, count(*) as streams
from chosen_streams
where ended_at is not null
group by ended_how, cause_group, cause, coalesce(nullif(end_info, ''), 'none told')
order by streams desc, ended_how, reason
