"""What a record says, as SQL: by this it is known again in another source, wherever it stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wcsanalytics.formats.metric_batches import BATCH
from wcsanalytics.tables import (
    CALL_RECORDS,
    CLIENT_MESSAGES,
    CONNECTION_RECORDS,
    EVENT_TABLES,
    HOOK_TABLES,
    MEDIA_SAMPLES,
    MESSAGE_RECORDS,
    RECORD_TABLES,
    SERVER_LOG,
    STREAM_RECORDS,
    Table,
)

CHANNELS: Mapping[str, tuple[Table, ...]] = {
    "server_log": (*HOOK_TABLES, SERVER_LOG),
    "hook_capture": HOOK_TABLES,
    "sdr": (STREAM_RECORDS,),
    "cdr": (CALL_RECORDS,),
    "mdr": (MESSAGE_RECORDS,),
    "conndr": (CONNECTION_RECORDS,),
    "websocket": (CLIENT_MESSAGES,),
    "event_export": (*EVENT_TABLES, MEDIA_SAMPLES),
}
"""Formats whose sources are held against each other, and the tables of their records."""

LOCAL = frozenset(name for name, tables in CHANNELS.items() if all(table in RECORD_TABLES for table in tables))
"""Formats whose records tell a time by the server's clock and may lack a zone."""

_FRESH = "(select min(from_us) from fresh_local) and (select max(until_us) from fresh_local)"


def local_time(table: Table) -> str | None:
    """The column of the time by the server's clock, by which detail records are known; None of other tables."""
    return table.happened[0].removesuffix("_at") + "_local_us" if table in RECORD_TABLES else None


def asked_before(table: Table) -> Iterator[tuple[Table, str, str]]:
    """What must be known to look at the table: of which rows, which query takes it in, and where."""
    if local := local_time(table):
        span = f"insert into fresh_local select min(r.{local}) as from_us, max(r.{local}) as until_us"
        yield table, span, "s.turn > 0"
    if table is CLIENT_MESSAGES:
        yield MEDIA_SAMPLES, "insert into sampled select distinct s.source, r.byte_offset", "true"


def within(table: Table) -> str:
    """Which rows `r` of the table and its sources `s` are looked at: those of the time that others tell too.

    Of samples, all that one record tells are looked at as one.
    """
    if local := local_time(table):
        return f"r.{local} between {_FRESH}"
    first, last = table.happened[0], table.happened[-1]
    rows = f"coalesce(r.{last}, r.{first}) >= s.from_at and coalesce(r.{first}, r.{last}) <= s.until_at"
    return f"{rows} group by all" if table is MEDIA_SAMPLES else rows


def telling(table: Table) -> str:
    """The columns of `told` for the rows of a table."""
    if table.family is not None:
        return _of_exchange(table)
    unfinished, at_us = "r.byte_offset >= s.reached", f"epoch_us(r.{table.happened[0]})"
    if table is SERVER_LOG:
        # the lines below it may be cut off
        asked = "hash(s.node, r.level, r.logger, r.thread, split_part(r.text, chr(10), 1))"
    elif table is CLIENT_MESSAGES:
        # a batch of metrics says nothing where its description was cut off
        unfinished += f" or r.message = '{BATCH}' and (s.source, r.byte_offset) not in (from sampled)"
        asked = _hash(*_said(table))
    elif table is MEDIA_SAMPLES:
        said = ("session_id", "media_session_id", "kind", "metric", "value")
        asked, at_us = f"bit_xor({_hash(*(f'r.{name}' for name in said))})", "epoch_us(min(r.sampled_at))"
    elif table in EVENT_TABLES:
        asked = _hash(f"'{table.name}'", *_said(table))
        at_us = f"epoch_us(coalesce({', '.join(f'r.{name}' for name in table.happened)}))"
    else:
        asked = _hash(f"'{table.name}'", "coalesce(r.node_id, s.node)", *_said(table))
        at_us = f"r.{local_time(table)}"
    # a record is told as a request that nothing replies to
    others = f"null, null, false, null, {table is not SERVER_LOG}, false"
    return f"insert into told select s.source, r.byte_offset, {unfinished}, {asked}, {at_us}, {others}"


def _said(table: Table) -> list[str]:
    """What a row says, in whatever place."""
    return [f'r."{name}"' for name in table.said()]


def _of_exchange(table: Table) -> str:
    """A pair tells a request and a reply."""
    node = "coalesce(r.node_id, s.node)"
    request = _hash(f"'{table.name}'", node, *_said(table))
    asked = f"case when r.half is distinct from 'answer' then {request} end"
    replied_to_any = (
        f"hash({node}, r.thread, case when r.answer = 'error' then 'error' else coalesce(r.url, r.hook) end)"
    )
    is_reply = "case when r.half is distinct from 'send' then"
    return (
        "insert into told select s.source, r.byte_offset, "
        f"greatest(r.byte_offset, coalesce(r.answer_byte_offset, 0)) >= s.reached, {asked}, epoch_us(r.sent_at), "
        f"{is_reply} hash({replied_to_any}, r.session_id) end, epoch_us(r.answered_at), r.session_id is null, "
        f"{is_reply} {replied_to_any} end, true, false"
    )


def _hash(*said: str) -> str:
    return f"hash({', '.join(said)})"
