-- macro changes_between(asked, told)
-- What does an answer set and remove, both bodies given as canonical JSON? The same JSON as the parser's `changed`.
(select case
    when news.text is null and gone.text is null then null
    else '{' || concat_ws(',', '"removed":[' || gone.text || ']', '"set":{' || news.text || '}') || '}' end
 from (select string_agg(to_json(t.key)::varchar || ':' || t.value::varchar, ',' order by t.key) as text
       from json_each(told::json) t
       left join json_each(asked::json) o on o.key = t.key
       where t.value::varchar is distinct from o.value::varchar) news,
      (select string_agg(to_json(o.key)::varchar, ',' order by o.key) as text
       from json_each(asked::json) o
       left join json_each(told::json) t on t.key = o.key
       where t.key is null) gone)
