"""The writing half's one road: inputs in, one commit out, with the books of each input."""

from wcsanalytics.intake.balance import Balance, Progress, Reading
from wcsanalytics.intake.identifiers import without_identifiers
from wcsanalytics.intake.loop import ingest
from wcsanalytics.intake.settings import Settings

__all__ = ["Balance", "Progress", "Reading", "Settings", "ingest", "without_identifiers"]
