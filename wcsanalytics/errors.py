"""Errors and warnings that callers may catch.

WcsAnalyticsError
├── SourceError      an input can't be read, or nothing matched
├── StoreError       the store was not changed: locked, full, read-only, damaged, of a newer version
├── UnknownName      no view, report, format, zone or column of that name
├── NotAvailable     a documented name whose function is not built yet
├── LimitExceeded    a limit set by the caller was exceeded; nothing was committed
└── BooksError       the counts of an ingest don't add up; nothing was committed

DoubtfulFigure       (a UserWarning) a figure rests on an assumption, such as an assumed date
"""


class WcsAnalyticsError(Exception):
    """Anything that went wrong in a way the caller can understand."""


class SourceError(WcsAnalyticsError):
    """An input can't be read, or nothing matched."""


class StoreError(WcsAnalyticsError):
    """The store was not changed."""


class UnknownName(WcsAnalyticsError):
    """No view, report, format, zone or column of that name."""


class NotAvailable(WcsAnalyticsError):
    """A documented name whose function is not built yet."""


class LimitExceeded(WcsAnalyticsError):
    """A limit set by the caller was exceeded; nothing was committed."""


class BooksError(WcsAnalyticsError):
    """The counts of an ingest don't add up; nothing was committed."""


class DoubtfulFigure(UserWarning):
    """A figure rests on an assumption, such as an assumed date."""
