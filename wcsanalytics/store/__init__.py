"""Immutable Parquet parts and the log of commits that names them."""

from wcsanalytics.store.disk import Store, Writing
from wcsanalytics.store.log import Commit, Counts, Part, Segment, Snapshot, SourceName

__all__ = ["Commit", "Counts", "Part", "Segment", "Snapshot", "SourceName", "Store", "Writing"]
