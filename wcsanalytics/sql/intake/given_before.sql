-- What had this source told and given away?
insert into told
select $1, -1, false, $2, $3, $4, $5, false, null, false, true
