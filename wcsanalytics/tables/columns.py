"""How a column and a table are declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wcsanalytics.protocol import Family

Type = Literal["text", "int", "real", "bool", "instant", "json"]
"""`instant` is UTC in µs (a body holds epoch ms); `json` is JSON text."""

Care = Literal["none", "url", "id", "text", "sdp", "shape"]
"""What redaction a value needs: URL user-info and tokens, the same hidden in an id, free text, SDP keys, or only keys
and types kept."""


Identity = Literal["person", "address", "mixed", "words", "json", "nothing"]
"""What a value may tell of a person: it names one; it holds network addresses; it is text or a URL that may hold both;
it is what a person wrote; it is JSON, in which each key says; it tells of none."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type, meaning, unit, and where in the hook's body its value stands (`a.b` = nested).

    `identifies` is declared where the type and the care that a value needs don't tell it.
    """

    name: str
    type: Type
    meaning: str
    path: str = ""
    unit: str = ""
    care: Care = "none"
    identifies: Identity | None = None

    def tells_of(self) -> Identity:
        """What the values may tell of a person, as declared, or as careful as type and care ask for."""
        if self.identifies is not None:
            return self.identifies
        if self.type == "json":
            return "json"
        careful: dict[Care, Identity] = {"none": "nothing", "id": "address"}
        return careful.get(self.care, "mixed") if self.type == "text" else "nothing"


@dataclass(frozen=True, slots=True)
class Table:
    """A physical table: one Parquet schema.

    `family` names the hooks that it holds, if it holds hooks; `happened` the instants at which its records came about;
    `order` the columns by which the rows of a part are sorted; `sought` those by one value of which rows are looked up.
    `known_by` are the columns by which a record that is no hook is known again, besides those of its body. Text of an
    `encoded` table is a few values told again and again: its batches hold it as dictionaries.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    family: Family | None = None
    happened: tuple[str, ...] = ()
    order: tuple[str, ...] = ("source_id", "byte_offset")
    sought: tuple[str, ...] = ()
    known_by: tuple[str, ...] = ()
    encoded: bool = False

    def body_columns(self) -> tuple[Column, ...]:
        """Columns that are filled from a hook's body."""
        return tuple(column for column in self.columns if column.path)

    def said(self) -> tuple[str, ...]:
        """Columns by which a record is known again, whenever it was and whatever the options it is read with."""
        body = (one.name for one in self.body_columns() if one.care != "shape" and one.name != "node_id")
        return tuple(dict.fromkeys([*(self.known_by if self.family is None else ("hook", "url", "thread")), *body]))


@dataclass(frozen=True, slots=True)
class View:
    """What people query: its columns as `describe` shows them."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
