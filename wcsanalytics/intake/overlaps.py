"""Records that more than one source tells, as a log and a cut-out of it do: each is kept once, as it is best told.

Sources of one channel and node are held against each other where their times overlap, by what the records say and when.
The halves of an exchange are looked at one by one, since a cut may part them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from wcsanalytics.intake.comparison import EVER, Compared, comparison_of
from wcsanalytics.intake.tellings import CHANNELS, LOCAL
from wcsanalytics.store import Places, Segment, Telling, Writing

LEAST_ALIKE = 3
"""So many requests must be dated apart alike before a date that is not sure gives way."""

UNSURE = frozenset({"mtime", "assumed"})
"""Evidence by which a cut-out is dated otherwise than what it was cut out of."""


class Fresh(NamedTuple):
    """A reading of this run: its segment, and where in its source it began."""

    segment: Segment
    start: int


class Twice(NamedTuple):
    """What is told twice: the places of records that go, by source, and how many halves of each reading were known.

    `given_away` is what readings told last of what goes, by source.
    """

    gone: dict[str, Places]
    known: list[int]
    given_away: dict[str, list[Telling]]


@dataclass(slots=True)
class _Lineage:
    """What tells whether a lineage may tell what another one tells."""

    compared: Compared
    nodes: frozenset[str]
    first_at: datetime
    last_at: datetime
    size: int
    is_stored: bool

    def widen(self, since: datetime, until: datetime) -> None:
        """Look at this time too."""
        known = self.compared.window or (since, until)
        self.compared.window = (min(known[0], since), max(known[1], until))


def told_twice(writing: Writing, readings: Sequence[Fresh], removed: Iterable[str]) -> Twice:
    """What these readings tell that other sources tell too, in the store or in this run; parts `removed` don't count.

    Raises StoreError where they can't be compared.
    """
    twice = Twice({}, [0] * len(readings), {})
    for channel in sorted({one.segment.format for one in readings} & CHANNELS.keys()):
        lineages = _lineages(channel, writing.before.segments, readings)
        if to_set := _to_be_set(lineages):
            with comparison_of(writing, [one.compared for one in to_set], removed) as comparison:
                for number, ahead in comparison.apart(LEAST_ALIKE):
                    to_set[number].compared.ahead = ahead
        _look_where_times_overlap(lineages)
        if overlapping := [one.compared for one in lineages if one.compared.window]:
            with comparison_of(writing, overlapping, removed) as comparison:
                _note(twice, readings, overlapping, comparison.judged(CHANNELS[channel]))
                for number, told in comparison.given_away():
                    twice.given_away.setdefault(overlapping[number].source_id, []).append(told)
    return twice


def _lineages(channel: str, stored: Sequence[Segment], readings: Sequence[Fresh]) -> list[_Lineage]:
    """The lineages of a channel that have times. Of two that tell the same, the first one keeps it."""
    segments: dict[str, list[Segment]] = {}
    for segment in (*stored, *(one.segment for one in readings)):
        if segment.format == channel:
            segments.setdefault(segment.source_id, []).append(segment)
    before = {segment.source_id: segment for segment in stored}
    fresh: dict[str, tuple[int, int]] = {}
    for turn, one in enumerate(readings, 1):
        fresh.setdefault(one.segment.source_id, (turn, one.start))
    every_node = {node for alike in segments.values() for segment in alike for node in segment.nodes}
    lineages = []
    for name, alike in segments.items():
        span = _span(alike)
        if span is None:
            continue
        nodes = frozenset(node for one in alike for node in one.nodes)
        last = alike[-1]
        compared = Compared(
            name,
            _only(nodes or every_node),
            int(last.resume["byte_offset"] or 0),
            *fresh.get(name, (0, 0)),
            _is_sure(last),
            before[name].given_away if name in before else (),
        )
        lineages.append(_Lineage(compared, nodes, *span, last.size, name in before))
    return sorted(lineages, key=_rank)


def _span(alike: Sequence[Segment]) -> tuple[datetime, datetime] | None:
    """The time that a lineage tells of; any, where records may lack their zone, and None where it has no times."""
    if any(one.format in LOCAL and one.resume["zone"] is None for one in alike):
        return EVER
    first_at = min((one.first_at for one in alike if one.first_at), default=None)
    last_at = max((one.last_at for one in alike if one.last_at), default=None)
    return None if first_at is None or last_at is None else (first_at, last_at)


def _only(nodes: Iterable[str]) -> str:
    """The node, if there is one and no more."""
    told = set(nodes)
    return told.pop() if len(told) == 1 else ""


def _rank(one: _Lineage) -> tuple[bool, bool, int, int, str]:
    """A sure date counts more than all; then what is stored is left as it is; then the whole comes before its parts."""
    return not one.compared.is_sure, not one.is_stored, -one.size, one.compared.turn, one.compared.source_id


def _is_sure(segment: Segment) -> bool:
    """Whether its date and zone rest on more than the file's own time or an assumption; instants need neither."""
    told = segment.resume
    return told["first_day"] is None or not UNSURE & {told["dated_by"], told.get("zone_by")}


def _to_be_set(lineages: Sequence[_Lineage]) -> list[_Lineage]:
    """Lineages one of which is new, and one without a sure date: they may tell the same at other times."""
    fresh = [one for one in lineages if not one.is_stored]
    if any(not one.compared.is_sure for one in fresh):
        return list(lineages) if len(lineages) > 1 else []
    unsure = [one for one in lineages if not one.compared.is_sure]
    return [*fresh, *unsure] if fresh and unsure else []


def _look_where_times_overlap(lineages: Iterable[_Lineage]) -> None:
    """Open the window of lineages of one node that overlap in time, where one of them is read in this run."""
    running: list[_Lineage] = []
    for one in sorted(lineages, key=_begins):
        begins = _begins(one)
        running = [other for other in running if _ends(other) >= begins]
        for other in running:
            of_one_node = not one.nodes or not other.nodes or one.nodes & other.nodes
            if of_one_node and (one.compared.turn or other.compared.turn):
                until = min(_ends(one), _ends(other))
                one.widen(begins, until)
                other.widen(begins, until)
        running.append(one)


def _begins(one: _Lineage) -> datetime:
    return one.first_at + one.compared.ahead


def _ends(one: _Lineage) -> datetime:
    return one.last_at + one.compared.ahead


def _note(twice: Twice, readings: Sequence[Fresh], sources: Sequence[Compared], judged: pa.Table) -> None:
    """Add what was found: the records that go, and the halves that were known to the readings they stand in."""
    numbers, places, known = (np.asarray(judged[name]) for name in ("source", "byte_offset", "known"))
    goes = np.asarray(judged["goes"], bool)
    for number, source in enumerate(sources):
        own = numbers == number
        if (going := places[own & goes]).size:
            twice.gone[source.source_id] = going
        of_source = [nth for nth, one in enumerate(readings) if one.segment.source_id == source.source_id]
        stands_in = np.searchsorted([readings[nth].start for nth in of_source], places[own], side="right") - 1
        for place, nth in enumerate(of_source):
            twice.known[nth] += int(known[own][stands_in == place].sum())
