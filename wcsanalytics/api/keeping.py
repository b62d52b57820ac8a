"""What is done to a store besides filling it."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from wcsanalytics.api.identity import forms_of
from wcsanalytics.api.options import Moment, zone_named
from wcsanalytics.errors import StoreError, WcsAnalyticsError
from wcsanalytics.intake import Wanted, forgetter
from wcsanalytics.lake import Lake, Result
from wcsanalytics.reports import moment
from wcsanalytics.store import Forgetter, Snapshot, Store, checked, rows_to_go
from wcsanalytics.tables import TABLES

_KEY = re.compile(r"[0-9a-f]{20}(-\d+)?")
_URI = re.compile(r"(?:sips?|tel):([^@;>]+)", re.I)
_PHONE = re.compile(r"(?:\+|00)?[\d ()/.-]{7,24}")


def compact(store: str | Path, *, lock_timeout: float = 60.0) -> Result:
    """Merge the parts of each table into one, so that look-ups open few files; a row a table that has changed.

    Readers of the store are not disturbed; the old parts stay for them for a day. Raises StoreError.
    """
    target = Store(Path(store))
    before = target.snapshot()
    made = target.compact(lock_timeout)
    removed = Counter(part.table for part in before.parts if made and part.path in made.removed)
    rows = [
        {"table": part.table, "parts_before": removed[part.table], "parts": 1, "rows": part.rows}
        for part in (made.parts if made else ())
    ]
    return Result(lambda: pa.Table.from_pylist(rows, _COMPACTED), "compacted")


def verify(store: str | Path) -> Result:
    """Hold every file of the store against the log: size, checksum, rows; a row a file, with its problem if it has one.

    Files that no commit names are listed, but are no damage: nobody reads them. Raises StoreError if there is no store.
    """
    if not Store.is_store(Path(store)):
        raise StoreError(f"{store}: there is no store")
    rows = [
        {"file": one.path, "rows": one.rows, "bytes": one.size, "damaged": one.damaged, "problem": one.problem}
        for one in checked(Path(store))
    ]
    return Result(lambda: pa.Table.from_pylist(rows, _CHECKED), "verified")


def forget(
    what: str | None,
    store: str | Path,
    *,
    before: Moment = None,
    yes: bool = False,
    key_file: str | Path | None = None,
    zone: str = "UTC",
    lock_timeout: float = 60.0,
) -> Result:
    """Count what a session, stream, call or person has left in the store or, instead, all that is older than a time.

    With `yes` it is removed for good, from parts and log, and later ingests don't bring it back. A session goes with
    its streams and calls, a person with the sessions it logged in to and the calls that name it, and every other row
    that names one of these goes too. Raises StoreError.
    """
    target = Store(Path(store))
    wanted = _wanted(what, target, before, key_file, zone)
    new_key, counts = secrets.token_hex(32), Counter[str]()

    def decide(current: Snapshot) -> Forgetter:
        found, whole = forgetter(target.path, current, wanted, new_key)
        for level, keys in (("sessions", whole.sessions), ("streams", whole.streams), ("calls", whole.calls)):
            counts[level] = max(map(len, keys.values()))
        for part in current.parts:
            counts[f"rows of {part.table}"] += rows_to_go(target.path, part, found.keep)
        return found

    if yes:
        target.forget(decide, lock_timeout)
    else:
        decide(target.snapshot())
    order = ["sessions", "streams", "calls", *(f"rows of {name}" for name in TABLES)]
    rows = [{"what": name, "n": counts[name], "forgotten": yes} for name in order if counts[name]]
    return Result(lambda: pa.Table.from_pylist(rows, _FORGOTTEN), "forgotten")


def _wanted(what: str | None, store: Store, before: Moment, key_file: str | Path | None, zone: str) -> Wanted:
    if (what is None) == (before is None):
        raise WcsAnalyticsError("an ID is to be forgotten, or all --before TIME: one of the two")
    if before is not None:
        return Wanted(before=moment(before, zone_named(zone), store.snapshot().last_at))
    text = (what or "").strip()
    if not re.search(r"\w", text):
        raise WcsAnalyticsError(f"{what!r} is no id and no person")
    key, since, until = _life(text, store)
    forms = {form: None for one in _written(key) for form in forms_of(one, key_file)}
    return Wanted(tuple(forms), since, until)


def _written(text: str) -> list[str]:
    """The text and other ways to write the same person."""
    forms = [text]
    if uri := _URI.match(text):
        forms.append(uri[1])
    if _PHONE.fullmatch(text):
        digits = re.sub(r"\D", "", text).removeprefix("00")
        forms += [digits, f"00{digits}"]
    return forms


def _life(text: str, store: Store) -> tuple[str, datetime | None, datetime | None]:
    """A key without what tells its lives apart, and from when to when the one that is meant was lived."""
    if not _KEY.fullmatch(text):
        return text, None, None
    base = text.partition("-")[0]
    with Lake(store) as lake:
        asked = lake.sql(
            "select life_key, from_at, until_at from recurrences where base_key = $base order by all", base=base
        )
        lives = asked.arrow().to_pylist()
    for life in lives:
        if life["life_key"] == text:
            return base, life["from_at"], life["until_at"]
    return base, None, min((life["from_at"] for life in lives), default=None)


_COMPACTED = pa.schema(
    [("table", pa.string()), *((name, pa.int64()) for name in ("parts_before", "parts", "rows"))],
)
_CHECKED = pa.schema(
    [
        ("file", pa.string()),
        ("rows", pa.int64()),
        ("bytes", pa.int64()),
        ("damaged", pa.bool_()),
        ("problem", pa.string()),
    ]
)
_FORGOTTEN = pa.schema([("what", pa.string()), ("n", pa.int64()), ("forgotten", pa.bool_())])
