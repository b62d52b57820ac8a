-- What do sources tell, a row a record: a request, a reply, or both? They go by hashes of what they say, and by their times.
-- A reply that names no session may be one to any session. The books count no lines of the server.
-- What a source told before and another one keeps is given.
create table told (
    source integer, byte_offset bigint, unfinished boolean, asked ubigint, sent_us bigint, replied ubigint, answered_us bigint,
    is_anonymous boolean, replied_to_any ubigint, in_books boolean, is_given boolean
);
create table fresh_sessions (session_id varchar);
-- Where are samples told, and of which time do the records tell that are read now, by the server's clock?
create table sampled (source integer, byte_offset bigint);
create table fresh_local (from_us bigint, until_us bigint);
