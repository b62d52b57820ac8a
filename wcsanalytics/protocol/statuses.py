"""The status values of each event, and what they mean for the life of a session, stream or call.

Every set is open: servers add values, so an unknown one is kept as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

STATUSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ConnectionStatusEvent": ("ESTABLISHED", "FAILED", "DISCONNECTED"),
        "RegistrationStatusEvent": ("REGISTERED", "UNREGISTERED", "AUTHENTICATION_FAIL", "FAILED"),
        "StreamStatusEvent": (
            "NEW",
            "PENDING",
            "PUBLISHING",
            "PLAYING",
            "PAUSED",
            "PLAYBACK_PROBLEM",
            "UNPUBLISHED",
            "STOPPED",
            "FAILED",
            # The next three moved to stream events in later servers; they don't change the state.
            "RESIZE",
            "SNAPSHOT_COMPLETE",
            "NOT_ENOUGH_BANDWIDTH",
            # Known to the 1.x client alone.
            "LOCAL_STREAM_STOPPED",
        ),
        "StreamKeepAliveEvent": ("PUBLISHING", "PLAYING"),
        "CallStatusEvent": (
            "NEW",
            "PENDING",
            "TRYING",
            "RING",
            "RING_MEDIA",
            "SESSION_PROGRESS",
            "ESTABLISHED",
            "HOLD",
            "BUSY",
            "FINISH",
            "FAILED",
        ),
        "TransferStatusEvent": ("PENDING", "ACCEPTED", "TRYING", "COMPLETED", "FAILED"),
        "DataStatusEvent": ("ACCEPTED", "FAILED"),
        "SessionDebugStatusEvent": ("STARTED", "STOPPED"),
        "MessageStatusEvent": (
            "SENT",
            "ACCEPTED",
            "FAILED",
            "RECEIVED",
            "IMDN_NOTIFICATION_SENT",
            "IMDN_DELIVERED",
            "IMDN_FAILED",
            "IMDN_FORBIDDEN",
            "IMDN_ERROR",
        ),
    }
)

TERMINAL_CONNECTION = frozenset({"DISCONNECTED", "FAILED"})
TERMINAL_STREAM = frozenset({"UNPUBLISHED", "STOPPED", "FAILED"})
TERMINAL_CALL = frozenset({"FINISH", "BUSY", "FAILED"})

STARTED_STREAM = frozenset({"PUBLISHING", "PLAYING"})

ERROR_INFO = (
    "AUTHENTICATION_FAIL",
    "USER_NOT_AVAILABLE",
    "TOO_MANY_REGISTER_ATTEMPTS",
    "LICENSE_RESTRICTION",
    "LICENSE_NOT_FOUND",
    "INTERNAL_SIP_ERROR",
    "CONNECTION_ERROR",
    "REGISTER_EXPIRE",
    "SIP_PORTS_BUSY",
    "MEDIA_PORTS_BUSY",
    "WRONG_SIPPROVIDER_ADDRESS",
    "CALLEE_NAME_IS_NULL",
    "WRONG_FLASHPHONER_XML",
    "PAYMENT_REQUIRED",
    "REST_AUTHORIZATION_FAIL",
    "REST_FAIL",
    "MIC_ACCESS_PROBLEM",
    "MIC_CAM_ACCESS_PROBLEM",
    "SCREEN_ACCESS_PROBLEM",
    "SCREEN_EXTENSION_UNAVAILABLE",
)
"""What `info` of an ErrorStatusEvent may say."""
