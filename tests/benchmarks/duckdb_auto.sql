-- What were the lines of a capture, typed as DuckDB guesses from its sample? Lines that break the guess are left out.
copy (from read_json_auto($ndjson, format = 'newline_delimited', ignore_errors = true))
to $out (format parquet, compression zstd, compression_level 1, row_group_size 122880);
