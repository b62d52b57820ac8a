"""What is to become of persons and addresses, and the key for it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wcsanalytics.errors import UnknownName, WcsAnalyticsError
from wcsanalytics.pseudonyms import Pseudonyms
from wcsanalytics.store import Store
from wcsanalytics.tables import Identity

KEY_VARIABLE = "WCSANALYTICS_KEY"
SHORTEST_KEY = 16
WAYS = ("keep", "hmac", "drop")


def pseudonyms_of(identifiers: str, key_file: str | Path | None) -> Pseudonyms | None:
    """Pseudonyms for persons and addresses; None where they are kept. Raises WcsAnalyticsError without a good key."""
    if identifiers not in WAYS:
        raise UnknownName(f"--identifiers is {', '.join(WAYS)}, not {identifiers!r}")
    if identifiers == "hmac":
        return Pseudonyms(_key(key_file))
    if key_file is not None:
        raise WcsAnalyticsError("--key-file is for --identifiers hmac, and that was not asked for")
    return None if identifiers == "keep" else Pseudonyms(None)


def forms_of(text: str, key_file: str | Path | None) -> tuple[str, ...]:
    """The text and, where there is a key, all that it may have become under it."""
    if key_file is None and not os.environ.get(KEY_VARIABLE):
        return (text,)
    return Pseudonyms(_key(key_file)).forms(text)


FILTERED: dict[str, Identity] = {
    "user": "person",
    "name": "mixed",
    **dict.fromkeys(("node", "session", "call", "stream"), "address"),
}
"""Filters whose values a store may hold as pseudonyms."""


def under_key(filters: Mapping[str, Any], identifiers: str = "keep", key_file: str | Path | None = None) -> Any:
    """The filters as a store read under the key holds what they name; pseudonyms may be given as well."""
    if identifiers != "hmac" and key_file is None:
        return filters
    pseudonyms = Pseudonyms(_key(key_file))
    keyed = {name: pseudonyms.of(filters[name], kind) for name, kind in FILTERED.items() if filters.get(name)}
    return {**filters, **keyed}


def _key(key_file: str | Path | None) -> bytes:
    told = os.environ.get(KEY_VARIABLE, "")
    if key_file is None and not told:
        raise WcsAnalyticsError(
            f"--identifiers hmac needs a key: make one with `head -c 32 /dev/urandom | base64 > FILE`, keep it apart "
            f"from the store, and name it with --key-file FILE or {KEY_VARIABLE}"
        )
    key = told.encode("utf-8", "surrogateescape").strip() if key_file is None else _read(Path(key_file))
    if len(key) < SHORTEST_KEY:
        raise WcsAnalyticsError(f"the key is shorter than {SHORTEST_KEY} bytes, so it could be guessed")
    return key


def _read(path: Path) -> bytes:
    if any(Store.is_store(folder) for folder in path.resolve().parents):
        raise WcsAnalyticsError(f"{path}: the key lies within a store; who has the one must not have the other")
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise WcsAnalyticsError(f"{path}: others may read the key: chmod 600 {path}")
        return path.read_bytes().strip()
    except OSError as problem:
        raise WcsAnalyticsError(f"{path}: the key can't be read: {problem.strerror}") from None
