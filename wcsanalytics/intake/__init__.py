"""The writing half's one road: inputs in, one commit out, with the books of each input."""

from wcsanalytics.intake.balance import Balance, Progress, Reading
from wcsanalytics.intake.forgotten import Forgetting
from wcsanalytics.intake.identifiers import without_identifiers
from wcsanalytics.intake.loop import ingest
from wcsanalytics.intake.settings import Settings
from wcsanalytics.intake.wholes import Wanted, forgetter

__all__ = [
    "Balance",
    "Forgetting",
    "Progress",
    "Reading",
    "Settings",
    "Wanted",
    "forgetter",
    "ingest",
    "without_identifiers",
]
