"""What the commit log and the protocol tell, as tables that views join."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pyarrow as pa

from wcsanalytics.protocol import CAUSES, HOOKS, MATRIX, STATUSES
from wcsanalytics.store import Commit, Segment, Snapshot

_INSTANT = pa.timestamp("us", tz="UTC")
_END = datetime.max.replace(tzinfo=UTC)

CLOCKS_APART = timedelta(seconds=5)
"""By so much two clocks may tell the time of one hook differently."""

CHANNELS = frozenset({"server_log", "hook_capture", "websocket", "har"})
"""Formats that tell what hooks tell: each is a channel."""

_SOURCES = {
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
    "told_of_node": pa.string(),
    "turn": pa.int64(),
    "zone": pa.string(),
    "first_at": _INSTANT,
    "last_at": _INSTANT,
    "complete": pa.bool_(),
    "why_incomplete": pa.string(),
    "doubts": pa.string(),
}


def fact_tables(snapshot: Snapshot) -> dict[str, pa.Table]:
    """Tables of the schema `facts`."""
    rows = {part.path: part.rows for commit in snapshot.commits for part in commit.parts}
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
            {
                "row": pa.int64(),
                "description": pa.string(),
                "client": pa.string(),
                "method": pa.string(),
                "event": pa.string(),
            },
            [
                (number, row.description, row.client, row.method, event)
                for number, row in enumerate(MATRIX, 1)
                for event in (row.events or (None,))
            ],
        ),
        "sources": _sources(snapshot),
        "shared_spans": _shared_spans(snapshot),
        "source_names": _names(snapshot),
        "commits": _table(
            {"number": pa.int64(), "committed_at": _INSTANT, "parts": pa.int64(), "row_count": pa.int64()},
            [
                (commit.number, commit.committed_at, len(commit.parts), _added(commit, rows))
                for commit in snapshot.commits
            ],
        ),
    }


def _added(commit: Commit, rows: dict[str, int]) -> int:
    """Rows that a commit added: merging parts adds none."""
    return sum(part.rows for part in commit.parts) - sum(rows[path] for path in commit.removed)


def _table(columns: dict[str, pa.DataType], rows: list[tuple[Any, ...]]) -> pa.Table:
    schema = pa.schema(list(columns.items()))
    return pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows], schema)


def _sources(snapshot: Snapshot) -> pa.Table:
    """Each lineage with the sums of its readings, its node, and its turn among all by time."""
    lineages: dict[str, list[Segment]] = {}
    for segment in snapshot.segments:
        lineages.setdefault(segment.source_id, []).append(segment)
    first_names = {name.source_id: name for name in reversed(snapshot.names)}
    nodes = {name: {node for segment in segments for node in segment.nodes} for name, segments in lineages.items()}
    all_nodes = set().union(*nodes.values())
    rows = [
        _sums(segments)
        | {
            "path": first_names[name].path,
            "member": first_names[name].member,
            "node_id": _only(nodes[name]),
            "told_of_node": _only(nodes[name] or all_nodes),
        }
        for name, segments in lineages.items()
    ]
    rows.sort(key=lambda row: (row["first_at"] or _END, row["last_at"] or _END, row["source_id"]))
    return pa.Table.from_pylist(
        [row | {"turn": turn} for turn, row in enumerate(rows)], pa.schema(list(_SOURCES.items()))
    )


def _only(nodes: set[str]) -> str | None:
    """The node, if there is one and no more."""
    return next(iter(nodes)) if len(nodes) == 1 else None


def _sums(segments: list[Segment]) -> dict[str, Any]:
    last = segments[-1]
    parsed = sum(segment.counts.parsed for segment in segments)
    rejected = sum(segment.counts.rejected for segment in segments)
    return {
        "source_id": last.source_id,
        "format": last.format,
        "records": parsed + rejected + last.counts.pending,
        "new": last.counts.new,
        "known": parsed - last.counts.new,
        "rejected": rejected,
        "ignored": sum(segment.counts.other_lines for segment in segments),
        "pending": last.counts.pending,
        "pairs": sum(segment.counts.pairs for segment in segments),
        "halves": sum(segment.counts.kept for segment in segments),
        "bytes": last.size,
        "zone": last.resume.get("zone"),
        "first_at": min((segment.first_at for segment in segments if segment.first_at), default=None),
        "last_at": max((segment.last_at for segment in segments if segment.last_at), default=None),
        "complete": last.complete,
        "why_incomplete": last.why_incomplete,
        "doubts": "; ".join(sorted({doubt for segment in segments for doubt in segment.doubts})) or None,
    }


class _Span(NamedTuple):
    """What a lineage that tells of hooks covers: its format, its nodes, and from when to when."""

    source_id: str
    format: str
    nodes: frozenset[str]
    first_at: datetime
    last_at: datetime


def _shared_spans(snapshot: Snapshot) -> pa.Table:
    """From when to when another channel may tell the same hooks as each lineage; none where only one is read."""
    shared: dict[str, tuple[datetime, datetime]] = {}
    running: list[_Span] = []
    for span in sorted(_spans(snapshot), key=lambda span: (span.first_at, span.source_id)):
        running = [other for other in running if other.last_at >= span.first_at - CLOCKS_APART]
        for other in running:
            from_at, until_at = span.first_at - CLOCKS_APART, min(span.last_at, other.last_at) + CLOCKS_APART
            of_one_node = not span.nodes or not other.nodes or span.nodes & other.nodes
            if other.format != span.format and from_at <= until_at and of_one_node:
                for name in (span.source_id, other.source_id):
                    known = shared.get(name, (from_at, until_at))
                    shared[name] = (min(known[0], from_at), max(known[1], until_at))
        running.append(span)
    return _table(
        {"source_id": pa.string(), "from_at": _INSTANT, "until_at": _INSTANT},
        [(name, *shared[name]) for name in sorted(shared)],
    )


def _spans(snapshot: Snapshot) -> list[_Span]:
    """The lineages that tell of hooks."""
    lineages: dict[str, list[Segment]] = {}
    for segment in snapshot.segments:
        if segment.format in CHANNELS and segment.first_at and segment.last_at:
            lineages.setdefault(segment.source_id, []).append(segment)
    return [
        _Span(
            name,
            segments[-1].format,
            frozenset(node for segment in segments for node in segment.nodes),
            min(segment.first_at for segment in segments if segment.first_at),
            max(segment.last_at for segment in segments if segment.last_at),
        )
        for name, segments in lineages.items()
    ]


def _names(snapshot: Snapshot) -> pa.Table:
    return _table(
        {"source_id": pa.string(), "path": pa.string(), "member": pa.string(), "seen_at": _INSTANT},
        [
            (name.source_id, name.path, name.member, commit.committed_at)
            for commit in snapshot.commits
            for name in commit.names
        ],
    )
