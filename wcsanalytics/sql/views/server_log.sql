-- Which server lines from the level kept up were there, and which session, stream or call does each name?
with lines as (
    select l.source_id, l.line, l.byte_offset, l.level, l.logger, l.thread, l.text, l.dated_by, s.node_id,
           coalesce(l.logged_at, instant_of(l.logged_local_us, z.zone, coalesce(z.ahead_min, 0))) as logged_at
    from stored.server_log l
    left join record_sources z on z.source_id = l.source_id and l.logged_local_us is not null
    left join facts.sources s on s.source_id = l.source_id
),
words as (
    -- what may be an id: words, less what ends a sentence, and within them UUIDs and pairs of addresses
    select source_id, byte_offset, logged_at, node_id,
           unnest(list_distinct(list_concat(
             list_transform(regexp_extract_all(text[:4096], '[^\s"''(),;<>=]{6,}'), lambda word: rtrim(word, '.:')),
             regexp_extract_all(text[:4096], '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}'),
             regexp_extract_all(text[:4096], '/\[?[0-9A-Fa-f.:]+\]?:\d+/\[?[0-9A-Fa-f.:]+\]?:\d+')))) as word
    from lines
),
owners as (
    select w.source_id, w.byte_offset, k.session_key, k.stream_key, k.call_key,
           (k.about <> 'session', apart_s(w.logged_at, k.first_at, k.last_at), k.first_at) as rank
    from words w
    join known_ids k on k.id = w.word and coalesce(k.node_id = w.node_id, true)
),
named as (
    -- a session that is named, else that of the stream or call; of lives under one id, the one of that time
    select source_id, byte_offset, arg_min(session_key, rank) filter (where session_key is not null) as session_key,
           arg_min(stream_key, rank) filter (where stream_key is not null) as stream_key,
           arg_min(call_key, rank) filter (where call_key is not null) as call_key
    from owners
    group by source_id, byte_offset
),
reasons as (
    select l.source_id, l.byte_offset, arg_max({'cause': c.cause, 'cause_group': c.cause_group}, (length(c.text), c.cause)) as reason
    from lines l
    join facts.causes c on contains(lower(l.text), c.text)
    where c.cause <> 'none'
    group by l.source_id, l.byte_offset
)
select l.source_id, l.line, l.byte_offset, n.session_key, n.stream_key, n.call_key, l.logged_at, null::timestamptz as pushed_at,
       null::varchar as clock, l.level, l.logger, l.thread, l.text, r.reason.cause as cause, r.reason.cause_group as cause_group,
       l.dated_by
from lines l
left join named n on n.source_id = l.source_id and n.byte_offset = l.byte_offset
left join reasons r on r.source_id = l.source_id and r.byte_offset = l.byte_offset
