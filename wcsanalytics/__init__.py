"""wcsanalytics: call quality, stream lifetime and session debug from the logs of Flashphoner WCS.

>>> import wcsanalytics as wcs
>>> with wcs.open("sample_data/day", tz="Europe/Berlin") as lake:
...     len(lake.sql("select name from streams where outcome = 'failed'"))
3
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wcsanalytics.errors import (
    BooksError,
    DoubtfulFigure,
    LimitExceeded,
    NotAvailable,
    SourceError,
    StoreError,
    UnknownName,
    WcsAnalyticsError,
)
from wcsanalytics.version import __version__

if TYPE_CHECKING:
    from wcsanalytics.api import Report, compact, describe, find, forget, ingest, open, read, report, schema, verify
    from wcsanalytics.lake import Lake, Result

_LAZY = {
    "Lake": "wcsanalytics.lake",
    "Report": "wcsanalytics.api",
    "Result": "wcsanalytics.lake",
    "compact": "wcsanalytics.api",
    "describe": "wcsanalytics.api",
    "find": "wcsanalytics.api",
    "forget": "wcsanalytics.api",
    "ingest": "wcsanalytics.api",
    "open": "wcsanalytics.api",
    "read": "wcsanalytics.api",
    "report": "wcsanalytics.api",
    "schema": "wcsanalytics.api",
    "verify": "wcsanalytics.api",
}
"""What is loaded when it is first used, since it needs the heavy libraries."""


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'wcsanalytics' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = [
    "BooksError",
    "DoubtfulFigure",
    "Lake",
    "LimitExceeded",
    "NotAvailable",
    "Report",
    "Result",
    "SourceError",
    "StoreError",
    "UnknownName",
    "WcsAnalyticsError",
    "__version__",
    "compact",
    "describe",
    "find",
    "forget",
    "ingest",
    "open",
    "read",
    "report",
    "schema",
    "verify",
]
