"""Hook bodies to columns: one msgspec Struct a family, a slow way for what does not fit it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, reduce
from math import isfinite, nan
from typing import Annotated, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics import redact
from wcsanalytics.protocol import SECRET_FIELDS
from wcsanalytics.tables import ARROW_TYPES, Column, Table

INT64 = (-(2**63), 2**63 - 1)
EPOCH_MS = (631_152_000_000, 4_102_444_800_000)
"""1990 to 2100: other numbers are no instants."""

Raw = msgspec.Raw
_NO_RAW = Raw(b"")
_STRUCT_TYPES: dict[str, Any] = {
    "text": str | None,
    "int": Annotated[int, msgspec.Meta(ge=INT64[0], le=INT64[1])] | None,
    "real": float | None,
    "bool": bool | None,
    "instant": Annotated[int, msgspec.Meta(ge=EPOCH_MS[0], le=EPOCH_MS[1])] | None,
    "json": Raw,
}


FEW = 4
"""Of so few texts each is looked through by itself: to begin on a column costs more."""


class BadBody(ValueError):
    """A body that can't be kept; its text is a reason code."""


@dataclass(slots=True)
class Decoded:
    """Columns of the bodies of one family. `bad` gives the reasons, by index, of those that could not be read."""

    columns: dict[str, pa.Array]
    extra: pa.Array
    bad: dict[int, str]

    def good(self) -> list[int]:
        """The indices of those that could be read."""
        return [index for index in range(len(self.extra)) if index not in self.bad]

    def without_bad(self) -> Decoded:
        """The columns of those that could be read."""
        if not self.bad:
            return self
        good = pa.array(self.good(), pa.int64())
        return Decoded({name: array.take(good) for name, array in self.columns.items()}, self.extra.take(good), {})


@cache
def _nested(parent: str, child: str, kind: str) -> type[msgspec.Struct]:
    return msgspec.defstruct(parent, [(child, _STRUCT_TYPES[kind], None)], forbid_unknown_fields=True)


@cache
def _struct(table: Table) -> type[msgspec.Struct]:
    """Struct of a family: a field a column, and one for each secret, which is read over and dropped."""
    fields: list[tuple[str, Any, Any]] = []
    names: dict[str, str] = {}
    for column in table.body_columns():
        key, _, child = column.path.partition(".")
        names[column.name] = key
        if child:
            fields.append((column.name, _nested(key, child, column.type) | None, None))
        else:
            fields.append((column.name, _STRUCT_TYPES[column.type], _NO_RAW if column.type == "json" else None))
    taken = set(names.values())
    for secret in sorted(SECRET_FIELDS - taken):
        if secret.isidentifier():
            fields.append((f"secret_{secret}", Raw, _NO_RAW))
            names[f"secret_{secret}"] = secret
    return msgspec.defstruct(
        table.name, fields, rename=names, forbid_unknown_fields=True, gc=False
    )  # fmt: skip


@cache
def _decoder(table: Table) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_struct(table))


def decode(table: Table, bodies: Sequence[bytes], kept_paths: frozenset[str]) -> Decoded:
    """Columns of the bodies, as declared for the table; what they hold at an index in `bad` counts for nothing."""
    columns = table.body_columns()
    kept_paths |= redact.KEPT_PATHS
    rows: list[tuple[Any, ...]] = []
    left: dict[int, str | None] = {}
    bad: dict[int, str] = {}
    read, values_of = _decoder(table).decode, msgspec.structs.astuple
    for index, body in enumerate(bodies):
        try:
            rows.append(values_of(read(body)))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            row, left[index] = _slow_row_or_bad(columns, body, kept_paths, bad, index)
            rows.append(row)
    # a row of the fast way goes on with secrets, which have no column
    values = zip(*rows, strict=False) if rows else ((),) * len(columns)
    made = {column.name: _array(column, value, kept_paths, bad) for column, value in zip(columns, values, strict=False)}
    extra = pa.array(map(left.get, range(len(rows))), pa.string()) if left else pa.nulls(len(rows), pa.string())
    return Decoded(made, extra, bad)


def _slow_row_or_bad(
    columns: Sequence[Column], body: bytes, kept_paths: frozenset[str], bad: dict[int, str], index: int
) -> tuple[tuple[Any, ...], str | None]:
    try:
        return _slow_row(columns, parsed(body), kept_paths)
    except BadBody as problem:
        bad[index] = str(problem)
        return (None,) * len(columns), None


def parsed(body: bytes) -> dict[str, Any]:
    """The body as a dict. Raises BadBody with a reason code: invalid_utf8, invalid_json, too_deep, not_an_object."""
    value = _loaded(body)
    if not isinstance(value, dict):
        raise BadBody("not_an_object")
    return value


def _loaded(text: bytes, depth: int = redact.DEPTH) -> Any:
    try:
        value = _read_quickly(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = _read_with_reason(text)
    if text.count(b"{") + text.count(b"[") >= depth and _is_deeper(value, depth):
        raise BadBody("too_deep")
    return value


def _read_with_reason(text: bytes) -> Any:
    """The value that can't be read quickly, since it has lone surrogates. Raises BadBody if there is none."""
    try:
        return _read_json(text.decode())
    except UnicodeDecodeError:
        raise BadBody("invalid_utf8") from None
    except RecursionError:
        raise BadBody("too_deep") from None
    except ValueError:
        raise BadBody("invalid_json") from None


_read_quickly = msgspec.json.Decoder().decode


def _not_json(name: str) -> float:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number beyond a double")
    return number


_BLANK = " \t\r\n"
_json: Any = json.JSONDecoder(parse_constant=_not_json, parse_float=_finite)  # its `scan_once` has no type


def _read_json(text: str) -> Any:
    """The value, as `json` reads it, which would take long to word an error that nobody sees."""
    try:
        value, end = _json.scan_once(text, len(text) - len(text.lstrip(_BLANK)))
    except StopIteration:
        raise ValueError from None
    if text[end:].strip(_BLANK):
        raise ValueError
    return value


def _is_deeper(value: Any, depth: int) -> bool:
    """Whether arrays and objects are nested deeper."""
    level = [value]
    while level and depth >= 0:
        depth -= 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth < 0


def _slow_row(
    columns: Sequence[Column], body: dict[str, Any], kept_paths: frozenset[str]
) -> tuple[tuple[Any, ...], str | None]:
    """Values of the columns; what has no column or does not fit it, redacted, as JSON."""
    rest = dict(body)
    values = [_taken(column, rest) for column in columns]
    for secret in SECRET_FIELDS:
        rest.pop(secret, None)
    rest = {key: value for key, value in rest.items() if value is not None}
    return tuple(values), redact.json_text(redact.body(rest, "", kept_paths)) if rest else None


def _taken(column: Column, rest: dict[str, Any]) -> Any:
    """The column's value, taken out of the body if it fits."""
    key, _, child = column.path.partition(".")
    value = rest.get(key)
    if child and isinstance(value, dict):
        inner = {name: part for name, part in value.items() if part is not None}
        fitting = _taken(replace(column, path=child), inner)
        rest[key] = inner or None
        return None if fitting is None else _nested(key, child, column.type)(**{child: fitting})
    fitting = None if child else coerced(column, value)
    if fitting is not None:
        del rest[key]
    return fitting


def coerced(column: Column, value: Any) -> Any:
    """The value in the column's type: "true" and "5060" are read as what they mean; None if it does not fit."""
    return None if value is None else _COERCE[column.type](value)


def _as_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _as_int(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        if not text.removeprefix("-").isdecimal() or len(text) > 20:
            return None
        value = int(text)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and INT64[0] <= value <= INT64[1] else None


def _as_real(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value) if isinstance(value, int | float | str) else nan
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def _as_bool(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None


def _as_instant(value: Any) -> int | None:
    number = _as_int(value)
    return number if number is not None and EPOCH_MS[0] <= number <= EPOCH_MS[1] else None


def _as_raw(value: Any) -> Raw:
    return Raw(redact.json_text(value).encode())


_COERCE: dict[str, Callable[[Any], Any]] = {
    "text": _as_text,
    "int": _as_int,
    "real": _as_real,
    "bool": _as_bool,
    "instant": _as_instant,
    "json": _as_raw,
}


def _array(column: Column, values: Sequence[Any], kept_paths: frozenset[str], bad: dict[int, str]) -> pa.Array:
    absent = _NO_RAW if column.type == "json" else None
    if values[:1] == (absent,) and values.count(absent) == len(values):  # most columns of most batches
        return pa.nulls(len(values), ARROW_TYPES[column.type])
    _, _, child = column.path.partition(".")
    if child:
        values = [None if value is None else getattr(value, child) for value in values]
    if column.type == "json":
        return pa.array(_json_texts(column, values, kept_paths, bad), pa.string())
    if column.type == "instant":
        return pc.multiply(pa.array(values, pa.int64()), 1000).cast(ARROW_TYPES["instant"])
    array = pa.array(values, ARROW_TYPES[column.type])
    return array if column.care == "none" else redacted(array, column.care)


def _json_texts(
    column: Column, values: Iterable[Raw | None], kept_paths: frozenset[str], bad: dict[int, str]
) -> Iterator[str | None]:
    key = column.path if column.care == "shape" else ""
    for index, value in enumerate(values):
        raw = b"" if value is None or value is _NO_RAW else bytes(value)
        try:
            clean = _clean_short if len(raw) < _SHORT else _clean_json
            yield None if raw in (b"", b"null") else clean(raw, key, kept_paths)
        except BadBody as problem:
            bad[index] = str(problem)
            yield None


def _clean_json(raw: bytes, key: str, kept_paths: frozenset[str]) -> str:
    return redact.json_text(redact.body(_loaded(raw, redact.DEPTH - 1), key, kept_paths))


_SHORT = 2048
_clean_short = lru_cache(maxsize=4096)(_clean_json)


def redacted(array: pa.Array, care: str) -> pa.Array:
    """The text column without what its care forbids; each distinct value is looked at once."""
    encoded = array.dictionary_encode()
    words = encoded.dictionary
    if care == "sdp":
        return _cleaned_lines(words, care).take(encoded.indices)
    suspects = reduce(pc.or_, (pc.match_substring_regex(words, telltale) for telltale in redact.TELLTALES[care]))
    if not pc.any(suspects).as_py():
        return array
    words = pc.replace_with_mask(words, suspects, _cleaned(words.filter(suspects), care))
    return words.take(encoded.indices)


def _cleaned(words: pa.Array, care: str) -> pa.Array:
    if care != "text" or len(words) < FEW:
        return pa.array([redact.text(word, care) for word in words.to_pylist()], pa.string())
    words = _replaced(words, care)
    hidden = pc.ends_with(words, "-HLS")
    clean = [redact.without_hidden_url(word) for word in words.filter(hidden).to_pylist()]
    return pc.replace_with_mask(words, hidden, pa.array(clean, pa.string()))


def _cleaned_lines(texts: pa.Array, care: str) -> pa.Array:
    """Texts none of whose secrets goes over a line break, such as SDP: most of their lines stand in others too."""
    split = pc.split_pattern(texts, "\n")
    lines = split.flatten().dictionary_encode()
    # one long text is cheaper to look through than many short ones
    joined = pc.binary_join(pa.ListArray.from_arrays([0, len(lines.dictionary)], lines.dictionary), "\n")
    clean = pc.split_pattern(_replaced(joined, care), "\n").flatten().take(lines.indices)
    return pc.binary_join(pa.ListArray.from_arrays(split.offsets, clean), "\n")


def _replaced(words: pa.Array, care: str) -> pa.Array:
    for pattern, replacement, needle in redact.PATTERNS[care]:
        suspects = pc.match_substring(words, needle)
        if pc.any(suspects).as_py():
            clean = pc.replace_substring_regex(words.filter(suspects), pattern, replacement)
            words = pc.replace_with_mask(words, suspects, clean)
    return words


def canonical(body: bytes) -> str:
    """Form of a body in which an echo equals its request: redacted, keys sorted, without SDP and nulls.

    Raises BadBody.
    """
    return _canonical(body) if len(body) >= _SHORT else _canonical_short(body)


def _canonical(body: bytes) -> str:
    return redact.json_text(redact.body(comparable(parsed(body))))


_canonical_short = lru_cache(maxsize=512)(_canonical)
"""The same body is asked for once to pair it, and again where it is left alone."""


def comparable(body: dict[str, Any]) -> dict[str, Any]:
    """What counts when a request and its answer are compared: backends may blank the SDP. Not redacted."""
    return {key: value for key, value in body.items() if value is not None and key not in ("sdp", "sipSDP")}
