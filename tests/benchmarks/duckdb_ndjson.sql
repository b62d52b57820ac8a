-- What was each line of a capture, typed, with all that has no column left over, by DuckDB alone?
copy (
    with lines as (
        select json ->> 'ts' as ts, json ->> 'direction' as direction, json ->> 'url' as url, json ->> 'method' as method,
               json -> 'body' as body
        from read_ndjson_objects($ndjson)
    )
    select ts::timestamptz as ts, direction, url, method, unnest(json_transform(body, $shape)),
           nullif(json_merge_patch(body, $removal)::varchar, '{}') as leftover
    from lines
) to $out (format parquet, compression zstd, compression_level 1, row_group_size 122880);
