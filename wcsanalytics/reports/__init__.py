"""Reports: each a declaration, a folder of SQL, and at most a page of Python.

A new report is one declaration in REPORTS, its queries, and one golden file.
"""

from wcsanalytics.reports.call_quality import CALL_QUALITY
from wcsanalytics.reports.conformance import CONFORMANCE
from wcsanalytics.reports.data import Capture, Evidence, Figure, Finding, Plot, ReportData, ReportTable
from wcsanalytics.reports.declared import DIMENSIONS, Measure, Report
from wcsanalytics.reports.gates import Gate, failures, gate_of
from wcsanalytics.reports.making import Wanted, made
from wcsanalytics.reports.media_rating import Rating
from wcsanalytics.reports.selection import Selection, found_in, moment
from wcsanalytics.reports.session_debug import SESSION_DEBUG
from wcsanalytics.reports.stream_lifetime import STREAM_LIFETIME

REPORTS: tuple[Report, ...] = (CALL_QUALITY, STREAM_LIFETIME, SESSION_DEBUG, CONFORMANCE)
"""Every report, in the order in which people read them."""

NOT_YET = ("hook-health", "capture-health")
"""Reports that the contract names and that are not built yet."""

__all__ = [
    "DIMENSIONS",
    "NOT_YET",
    "REPORTS",
    "Capture",
    "Evidence",
    "Figure",
    "Finding",
    "Gate",
    "Measure",
    "Plot",
    "Rating",
    "Report",
    "ReportData",
    "ReportTable",
    "Selection",
    "Wanted",
    "failures",
    "found_in",
    "gate_of",
    "made",
    "moment",
]
