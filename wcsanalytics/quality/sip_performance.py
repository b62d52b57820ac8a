"""Performance metrics of SIP (RFC 6076), from counts of calls and registrations. Ratios are 0..1, times in ms.

Count calls, never messages: forks and retransmissions push a ratio of messages over 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from wcsanalytics.quality.estimates import Estimate, ratio

REDIRECTED_OR_CHALLENGED = frozenset({401, 402, 407, *range(300, 400)})
"""Final answers that lead to another INVITE; those calls count in neither SER nor SEER."""

EFFECTIVE = frozenset({480, 486, 600, 603})
"""Besides 200: the network did its part, the called side did not want or was not there."""

INEFFECTIVE = frozenset({408, 500, 503, 504})

Side = Literal["success", "failure"]


@dataclass(frozen=True, slots=True)
class SessionCounts:
    """Calls by their final status to INVITE, those without any, and those that a BYE with 2XX completed.

    Raises:
        ValueError: a count is negative, or more calls were completed than answered.

    """

    final: Mapping[int, int]
    unanswered: int = 0
    completed: int = 0

    def __post_init__(self) -> None:
        if min([*self.final.values(), self.unanswered, self.completed]) < 0:
            raise ValueError("a count is negative")
        if self.completed > self.established:
            raise ValueError(f"{self.completed} calls completed of {self.established} established")

    @property
    def requests(self) -> int:
        """All session requests."""
        return sum(self.final.values()) + self.unanswered

    @property
    def established(self) -> int:
        """Calls answered with 2XX."""
        return sum(n for status, n in self.final.items() if 200 <= status < 300)

    def ended_with(self, statuses: frozenset[int]) -> int:
        """Calls whose final status is one of these."""
        return sum(n for status, n in self.final.items() if status in statuses)


def session_establishment_ratio(calls: SessionCounts) -> Estimate:
    """SER (4.6): 200 / (INVITE less 3XX, 401, 402, 407), on the originating side.

    >>> session_establishment_ratio(SessionCounts({200: 60, 486: 20, 407: 20})).value
    0.75
    """
    return ratio(calls.established, _not_led_on(calls), why_none="no calls but redirected or challenged ones")


def session_establishment_effectiveness_ratio(calls: SessionCounts) -> Estimate:
    """SEER (4.7): SER with 480, 486, 600 and 603 as successes, so that user behaviour is out of it."""
    effective = calls.established + calls.ended_with(EFFECTIVE)
    return ratio(effective, _not_led_on(calls), why_none="no calls but redirected or challenged ones")


def ineffective_session_attempts(calls: SessionCounts) -> Estimate:
    """ISA (4.8): 408, 500, 503, 504 / session requests."""
    return ratio(calls.ended_with(INEFFECTIVE), calls.requests, why_none="no calls")


def session_completion_ratio(calls: SessionCounts) -> Estimate:
    """SCR (4.9): ended by a BYE with 2XX / session requests."""
    return ratio(calls.completed, calls.requests, why_none="no calls")


def ineffective_registration_attempts(final: Mapping[int, int], timeouts: int = 0) -> Estimate:
    """IRA (4.2): REGISTERs that failed / REGISTERs; 401, 402 and 407 are challenges, 3XX no failures.

    >>> ineffective_registration_attempts({200: 8, 403: 1}, timeouts=1).value
    0.2
    """
    failed = sum(n for status, n in final.items() if is_failure(status)) + timeouts
    return ratio(failed, sum(final.values()) + timeouts, why_none="no registrations")


def is_failure(status: int) -> bool:
    """Whether a final status ends an attempt in failure: 4XX besides challenges, 5XX, 6XX."""
    return status >= 400 and status not in REDIRECTED_OR_CHALLENGED


def delay_ms(began_at_ms: float | None, ended_at_ms: float | None) -> float | None:
    """Time between two instants of one clock; None where one is missing or they stand the wrong way round.

    Registration request delay (RRD, 4.1): first REGISTER to its 200, the round of authentication included; only
    successful ones. Session request delay (SRD, 4.3): INVITE to the first answer that tells its status, see
    `session_request_side`. Session disconnect delay (SDD, 4.4): BYE to its 2XX or the timeout. Session duration time
    (SDT, 4.5): 200 to INVITE until the BYE or the timeout.
    """
    if began_at_ms is None or ended_at_ms is None or ended_at_ms < began_at_ms:
        return None
    return ended_at_ms - began_at_ms


def session_request_side(first_telling_status: int) -> Side | None:
    """Which of the two series of SRD an answer ends: None for 100 and for what leads to another INVITE.

    >>> [session_request_side(status) for status in (100, 180, 183, 200, 407, 486)]
    [None, 'success', 'success', 'success', None, 'failure']
    """
    if first_telling_status == 100 or first_telling_status in REDIRECTED_OR_CHALLENGED:
        return None
    return "failure" if is_failure(first_telling_status) else "success"


def _not_led_on(calls: SessionCounts) -> int:
    return calls.requests - calls.ended_with(REDIRECTED_OR_CHALLENGED)
