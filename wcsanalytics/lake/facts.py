"""What the commit log and the protocol tell, as tables that views join."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from wcsanalytics.protocol import CAUSES, HOOKS, MATRIX, STATUSES
from wcsanalytics.store import Segment, Snapshot

_INSTANT = pa.timestamp("us", tz="UTC")


def facts(snapshot: Snapshot) -> dict[str, pa.Table]:
    """Tables of the schema `facts`."""
    return {
        "known_hooks": _table(
            {"hook": pa.string(), "kind": pa.string(), "family": pa.string()},
            [(hook.name, hook.kind, hook.family) for hook in HOOKS],
        ),
        "causes": _table(
            {"text": pa.string(), "about": pa.string(), "cause": pa.string(), "cause_group": pa.string()},
            [(cause.text.lower(), cause.about, cause.cause, cause.cause_group) for cause in CAUSES],
        ),
        "statuses": _table(
            {"hook": pa.string(), "status": pa.string()},
            [(hook, status) for hook, values in STATUSES.items() for status in values],
        ),
        "matrix": _table(
            {"row": pa.int64(), "description": pa.string(), "client": pa.string(), "method": pa.string(), "event": pa.string()},
            [
                (number, row.description, row.client, row.method, event)
                for number, row in enumerate(MATRIX, 1)
                for event in (row.events or (None,))
            ],
        ),
        "sources": _sources(snapshot),
        "source_names": _names(snapshot),
        "commits": _table(
            {"number": pa.int64(), "committed_at": _INSTANT, "parts": pa.int64(), "row_count": pa.int64()},
            [
                (commit.number, commit.committed_at, len(commit.parts), sum(part.rows for part in commit.parts))
                for commit in snapshot.commits
            ],
        ),
    }


def _table(columns: dict[str, pa.DataType], rows: list[tuple[Any, ...]]) -> pa.Table:
    schema = pa.schema(list(columns.items()))
    return pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows], schema)


def _sources(snapshot: Snapshot) -> pa.Table:
    columns = {
        "source_id": pa.string(),
        "format": pa.string(),
        "path": pa.string(),
        "member": pa.string(),
        "records": pa.int64(),
        "new": pa.int64(),
        "known": pa.int64(),
        "rejected": pa.int64(),
        "ignored": pa.int64(),
        "pending": pa.int64(),
        "pairs": pa.int64(),
        "halves": pa.int64(),
        "bytes": pa.int64(),
        "node_id": pa.string(),
        "first_at": _INSTANT,
        "last_at": _INSTANT,
        "complete": pa.bool_(),
        "why_incomplete": pa.string(),
        "doubts": pa.string(),
    }
    lineages: dict[str, list[Segment]] = {}
    for segment in snapshot.segments:
        lineages.setdefault(segment.source_id, []).append(segment)
    first = {name.source_id: name for name in reversed(snapshot.names)}
    rows = []
    for source_id, segments in lineages.items():
        name, last = first[source_id], segments[-1]
        parsed = sum(segment.counts.parsed for segment in segments)
        rejected = sum(segment.counts.rejected for segment in segments)
        nodes = {node for segment in segments for node in segment.nodes}
        rows.append(
            (
                source_id,
                last.format,
                name.path,
                name.member,
                parsed + rejected + last.counts.pending,
                last.counts.parsed,
                parsed - last.counts.parsed,
                rejected,
                sum(segment.counts.other_lines for segment in segments),
                last.counts.pending,
                sum(segment.counts.pairs for segment in segments),
                sum(segment.counts.kept for segment in segments),
                last.size,
                next(iter(nodes)) if len(nodes) == 1 else None,
                min((segment.first_at for segment in segments if segment.first_at), default=None),
                max((segment.last_at for segment in segments if segment.last_at), default=None),
                last.complete,
                last.why_incomplete,
                "; ".join(sorted({doubt for segment in segments for doubt in segment.doubts})) or None,
            )
        )
    return _table(columns, rows)


def _names(snapshot: Snapshot) -> pa.Table:
    return _table(
        {"source_id": pa.string(), "path": pa.string(), "member": pa.string(), "seen_at": _INSTANT},
        [
            (name.source_id, name.path, name.member, commit.committed_at)
            for commit in snapshot.commits
            for name in commit.names
        ],
    )
