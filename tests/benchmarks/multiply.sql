-- What would the stream events of a log be that is so many times as long?
copy (
    select * exclude (sdp, extra, answer_changes, half_body) replace (
               stream_key || '-' || turn as stream_key, session_key || '-' || turn as session_key,
               media_session_id || '-' || turn as media_session_id, sent_at + turn * interval 1 day as sent_at
           )
    from read_parquet($parts, union_by_name = true), range($times) turns(turn)
) to $out (format parquet, compression zstd, compression_level 1, row_group_size 122880);
