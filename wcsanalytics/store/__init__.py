"""Immutable Parquet parts and the log of commits that names them."""

from wcsanalytics.store.checking import Checked, checked
from wcsanalytics.store.disk import Places, Store, Writing
from wcsanalytics.store.forgetting import Forgetter, batches, rows_to_go
from wcsanalytics.store.log import Commit, Counts, Forgotten, Part, Segment, Snapshot, SourceName, Telling, Term
from wcsanalytics.store.parts import PartWriter, columns_digest

__all__ = [
    "Checked",
    "Commit",
    "Counts",
    "Forgetter",
    "Forgotten",
    "Part",
    "PartWriter",
    "Places",
    "Segment",
    "Snapshot",
    "SourceName",
    "Store",
    "Telling",
    "Term",
    "Writing",
    "batches",
    "checked",
    "columns_digest",
    "rows_to_go",
]
