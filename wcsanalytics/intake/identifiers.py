"""Identifiers of persons, on their way from a format to the store: kept, replaced by keyed pseudonyms, or removed.

All rows of all formats pass here, a column at a time; each distinct value is looked at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import pyarrow as pa

from wcsanalytics.formats import Batch
from wcsanalytics.formats.keys import key_columns
from wcsanalytics.pseudonyms import REMOVED, Pseudonyms
from wcsanalytics.tables import TABLES, Identity, Table, arrow_schema

IDS = ("node_id", "session_id", "media_session_id", "call_id")
"""From these the keys of sessions, streams and calls are made."""


def without_identifiers(batches: Iterable[Batch], pseudonyms: Pseudonyms | None) -> Iterator[Batch]:
    """The batches with pseudonyms in the place of persons and addresses; as they are where none are asked for."""
    for batch in batches:
        table = TABLES[batch.table]
        yield batch if pseudonyms is None else Batch(table.name, _replaced(table, batch.rows, pseudonyms))


def _replaced(table: Table, rows: pa.RecordBatch, pseudonyms: Pseudonyms) -> pa.RecordBatch:
    plain = rows.cast(arrow_schema(table))
    columns = {column.name: plain[column.name] for column in table.columns}
    for column in table.columns:
        identity = column.tells_of()
        if identity != "nothing":
            columns[column.name] = _column(columns[column.name], identity, pseudonyms)
    if "half_digest" in columns:
        columns["half_digest"] = _digests(columns["half_body"], columns["half_digest"])
    if set(IDS) <= columns.keys():
        made = key_columns(*(columns[name] for name in IDS))
        columns |= {name: key for name, key in made.items() if name in columns}
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=plain.schema).cast(rows.schema)


def _column(values: pa.Array, identity: Identity, pseudonyms: Pseudonyms) -> pa.Array:
    encoded = values.dictionary_encode()
    words: list[str | None] = [pseudonyms.of(word, identity) for word in encoded.dictionary.to_pylist()]
    if identity == "person":  # nobody is null, not one person of that name
        words = [None if word == REMOVED else word for word in words]
    return pa.array(words, pa.string()).take(encoded.indices)


def _digests(bodies: pa.Array, digests: pa.Array) -> pa.Array:
    """Digests anew, of what is left of the bodies: those of whole bodies would let people be guessed."""
    pairs = zip(bodies.to_pylist(), digests.to_pylist(), strict=True)
    made = [
        None if digest is None else hashlib.blake2b((body or "").encode(), digest_size=10).hexdigest()
        for body, digest in pairs
    ]
    return pa.array(made, pa.string())
