-- Which session lives ended unseen: their id was connected anew?
select base_key as session_key from recurrences where about = 'session'
union
select life_key from recurrences where about = 'session' and until_at is not null
