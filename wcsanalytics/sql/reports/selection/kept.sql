-- Which temporary tables stand in the place of a view?
select table_name as name from information_schema.tables where table_type = 'LOCAL TEMPORARY'
