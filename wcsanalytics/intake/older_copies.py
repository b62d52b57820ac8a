"""Whether a capture is an older, shorter copy of one that is stored: then each of its records is held, at its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics import redact
from wcsanalytics.formats.exchanges import changed
from wcsanalytics.tables import TABLES, Table

_ANSWER = ("answer_byte_offset", "answer_line", "answer", "answer_changes", "error")
"""What a row tells of the answer, if it tells one: where it stands, and what it said."""

_ALONE = ("half", "half_body")
"""What a row tells of a half that stands alone, as it does where an earlier reading ended between the two."""


class Held:
    """What the store holds of one capture, against which a copy of it is held, batch by batch.

    The last record of a copy may be cut off. All may be dated otherwise, but alike: options can differ.
    """

    def __init__(self, rows: Callable[[str, list[str]], pa.Table]) -> None:
        """`rows` gives columns of all rows of a table."""
        self._rows = rows
        self._tables: dict[str, pa.Table] = {}
        self._ahead: set[int] = set()
        self._cut_off: list[int] = []

    def has(self, name: str, rows: pa.RecordBatch) -> bool:
        """Whether these rows are held, as far as their table tells records apart."""
        table = TABLES[name]
        told = _told(table)
        if not told:
            return True
        answer, alone = (_ANSWER, _ALONE) if table.family else ((), ())
        if name not in self._tables:
            self._tables[name] = self._rows(name, [*dict.fromkeys((*told, *table.happened, *answer, *alone))])
        held = self._tables[name]
        places = pc.index_in(rows["byte_offset"], value_set=held["byte_offset"].combine_chunks())
        if places.null_count:
            return False
        there, here = held.take(places), pa.Table.from_batches([rows])
        self._ahead |= _ahead(there, here, table.happened)
        if len(self._ahead) > 1 or (answer and not _answers_held(there, here, held)):
            return False
        whole, some = there.select(told), here.select(told)
        if not whole.equals(some):
            place = _cut_off(whole, some)
            if place is None:
                return False
            self._cut_off.append(place)
        return True

    def was_asked(self) -> bool:
        """Whether anything could be compared."""
        return bool(self._tables)

    def is_cut_off_before(self, place: int) -> bool:
        """Whether a record before this place was cut off, and not only the last."""
        return any(cut < place for cut in self._cut_off)


@cache
def _told(table: Table) -> list[str]:
    """Columns by which a record is known again at its place, if it can be."""
    said = table.said()
    return ["line", "byte_offset", *said] if said else []


def _ahead(there: pa.Table, here: pa.Table, instants: Sequence[str]) -> set[int]:
    """By how many µs the instants that both tell differ."""
    apart = (pc.subtract(here[name].cast(pa.int64()), there[name].cast(pa.int64())) for name in instants)
    return {us for some in apart for us in pc.unique(some.drop_null()).to_pylist()}


def _answers_held(there: pa.Table, here: pa.Table, held: pa.Table) -> bool:
    """Whether each answer that is told here is held too, with its request or as a half of its own."""
    answered = pc.is_valid(here["answer_byte_offset"])
    there, here = there.filter(answered), here.filter(answered)
    parted = pc.is_null(there["answer_byte_offset"])
    together = pc.invert(parted)
    if not there.filter(together).select(_ANSWER).equals(here.filter(together).select(_ANSWER)):
        return False
    if not pc.any(parted).as_py():
        return True
    answers = {row["byte_offset"]: row for row in held.filter(pc.equal(held["half"], "answer")).to_pylist()}
    pairs = zip(there.filter(parted).to_pylist(), here.filter(parted).to_pylist(), strict=True)
    return all(_is_answered(asked, answers.get(one["answer_byte_offset"]), one) for asked, one in pairs)


def _is_answered(asked: Mapping[str, Any], answer: Mapping[str, Any] | None, told: Mapping[str, Any]) -> bool:
    """Whether these two halves are the exchange that is told."""
    if answer is None or answer["thread"] != told["thread"]:
        return False
    if "error" in (answer["answer"], told["answer"]):
        return (answer["answer"], answer["error"]) == (told["answer"], told["error"])
    if asked["half_body"] is None or answer["half_body"] is None:
        return False
    changes = changed(json.loads(asked["half_body"]), json.loads(answer["half_body"]))
    return bool(told["answer_changes"] == (redact.json_text(changes) if changes else None))


def _cut_off(whole: pa.Table, told: pa.Table) -> int | None:
    """The place of the one record that tells the beginning of the text only; None if more differs than that."""
    differing = [pair for pair in zip(whole.to_pylist(), told.to_pylist(), strict=True) if pair[0] != pair[1]]
    if len(differing) != 1:
        return None
    ((all_of_it, some),) = differing
    texts = all_of_it.pop("text", None), some.pop("text", None)
    if all_of_it != some or None in texts or not texts[0].startswith(texts[1]):
        return None
    return int(some["byte_offset"])
