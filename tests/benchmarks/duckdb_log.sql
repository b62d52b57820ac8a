-- What were the REST exchanges of a server log, by DuckDB alone?
copy (
    with lines as (
        select row_number() over () as line, rtrim(content, chr(13)) as content
        from read_csv($log, columns = {'content': 'varchar'}, header = false, auto_detect = false, delim = chr(1), quote = '',
                      escape = '', new_line = '\n', strict_mode = false, null_padding = true, max_line_size = 16777216)
    ),
    told as (
        select line, content,
               regexp_matches(content, '^\s*\d\d:\d\d:\d\d,\d{3}\s') as is_timed,
               content like '% REST OBJECT %' and regexp_matches(content, '(SEND REST OBJECT ==>|RECEIVED REST OBJECT <==)\s*$') as is_block
        from lines
    ),
    events as (
        select line, content, is_timed, is_block,
               sum(is_timed::int) over (order by line rows unbounded preceding) as event
        from told
    ),
    blocks as (
        select min(line) as line, arg_min(content, line) as header, bool_or(is_block) as is_block,
               string_agg(content, chr(10) order by line) as text
        from events
        where is_block or not is_timed
        group by event
        having bool_or(is_block)
    ),
    halves as (
        select line, regexp_extract(header, '^\s*(\d\d:\d\d:\d\d,\d{3})', 1) as time_of_day,
               regexp_extract(header, ' - (\S+(?: \S+)*?) (?:SEND|RECEIVED) REST', 1) as thread,
               header like '%SEND REST OBJECT%' as is_send, regexp_extract(text, 'URL:([^\n]*)\n', 1) as url,
               regexp_extract(text, 'OBJECT:\s*(\{(?s:.*?)\n\})', 1) as body
        from blocks
    ),
    answered as (
        select line, time_of_day, thread, is_send, url, body,
               lead({'is_send': is_send, 'url': url, 'line': line, 'time_of_day': time_of_day}) over (partition by thread order by line)
                 as next_half
        from halves
    ),
    typed as (
        select line, time_of_day, thread, url, string_split(url, '/')[-1] as hook,
               case when not next_half.is_send and next_half.url = url then next_half.line end as answer_line,
               case when not next_half.is_send and next_half.url = url then next_half.time_of_day end as answered_at,
               json_transform(case when json_valid(body) then body end, $shape) as members
        from answered
        where is_send
    )
    select line, time_of_day, thread, url, hook, answer_line, answered_at, unnest(members)
    from typed
    where members is not null
) to $out (format parquet, compression zstd, compression_level 1, row_group_size 122880);
