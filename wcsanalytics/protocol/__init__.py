"""What WCS says, as data: hooks, the matrix of client calls, statuses, causes and secret fields."""

from wcsanalytics.protocol.causes import CAUSES, About, Cause, CauseGroup, CauseName, cause_of
from wcsanalytics.protocol.hooks import HOOKS, Family, Hook, Kind, Mark, hook_named
from wcsanalytics.protocol.matrix import MATRIX, Invocation, markdown_matrix
from wcsanalytics.protocol.measures import TEXTS, Measure, measure
from wcsanalytics.protocol.messages import MESSAGES, ClientMessage, Direction, client_message
from wcsanalytics.protocol.secrets import SDP_FIELDS, SECRET_FIELDS, SHAPE_ONLY_FIELDS, is_secret_key
from wcsanalytics.protocol.statuses import (
    ERROR_INFO,
    STARTED_STREAM,
    STATUSES,
    TERMINAL_CALL,
    TERMINAL_CONNECTION,
    TERMINAL_STREAM,
)

__all__ = [
    "CAUSES",
    "ERROR_INFO",
    "HOOKS",
    "MATRIX",
    "MESSAGES",
    "SDP_FIELDS",
    "SECRET_FIELDS",
    "SHAPE_ONLY_FIELDS",
    "STARTED_STREAM",
    "STATUSES",
    "TERMINAL_CALL",
    "TERMINAL_CONNECTION",
    "TERMINAL_STREAM",
    "TEXTS",
    "About",
    "Cause",
    "CauseGroup",
    "CauseName",
    "ClientMessage",
    "Direction",
    "Family",
    "Hook",
    "Invocation",
    "Kind",
    "Mark",
    "Measure",
    "cause_of",
    "client_message",
    "hook_named",
    "is_secret_key",
    "markdown_matrix",
    "measure",
]
