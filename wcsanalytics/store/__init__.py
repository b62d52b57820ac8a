"""Immutable Parquet parts and the log of commits that names them."""

from wcsanalytics.store.disk import Store, Writing
from wcsanalytics.store.log import Commit, Counts, Part, Segment, Snapshot, SourceName
from wcsanalytics.store.parts import PartWriter, columns_digest

__all__ = [
    "Commit",
    "Counts",
    "Part",
    "PartWriter",
    "Segment",
    "Snapshot",
    "SourceName",
    "Store",
    "Writing",
    "columns_digest",
]
