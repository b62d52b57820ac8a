"""Figures of telephone service (ITU-T E.411, E.425) from the outcomes of calls. Ratios are 0..1, times in s."""

from __future__ import annotations

from dataclasses import dataclass

from wcsanalytics.quality.estimates import Estimate, mean_of, ratio, unknown


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """Calls by outcome, as the view `calls` names them, and the seizures: calls that got past local rejection.

    Raises:
        ValueError: a count is negative, or there are more seizures than bids, or fewer than calls that need one.

    """

    seizures: int
    answered: int = 0
    busy: int = 0
    no_answer: int = 0
    declined: int = 0
    abandoned: int = 0
    refused: int = 0
    ineffective: int = 0
    media_failed: int = 0
    failed: int = 0
    open: int = 0
    completed: int = 0

    def __post_init__(self) -> None:
        counts = {name: getattr(self, name) for name in self.__dataclass_fields__}
        if wrong := [name for name, count in counts.items() if count < 0]:
            raise ValueError(f"{wrong[0]} is negative")
        if not self.effective <= self.seizures <= self.bids:
            raise ValueError(f"{self.seizures} seizures among {self.bids} bids, {self.effective} of them effective")
        if self.completed > self.answered:
            raise ValueError(f"{self.completed} calls completed of {self.answered} answered")

    @property
    def bids(self) -> int:
        """Every attempt: the outcomes add up to it."""
        return (
            self.answered + self.busy + self.no_answer + self.declined + self.abandoned
            + self.refused + self.ineffective + self.media_failed + self.failed + self.open
        )  # fmt: skip

    @property
    def effective(self) -> int:
        """Answered, user busy, ring no answer and rejected by the terminal (Q.850 causes 16, 17, 18 and 19, 21)."""
        return self.answered + self.busy + self.no_answer + self.declined


def answer_seizure_ratio(calls: OutcomeCounts) -> Estimate:
    """ASR: answered / seizures."""
    return ratio(calls.answered, calls.seizures, why_none="no call got past local rejection")


def answer_bid_ratio(calls: OutcomeCounts) -> Estimate:
    """ABR: answered / bids."""
    return ratio(calls.answered, calls.bids, why_none="no calls")


def network_effectiveness_ratio(calls: OutcomeCounts) -> Estimate:
    """NER: (answered + busy + no answer + rejected by the terminal) / seizures; never below ASR.

    >>> counts = OutcomeCounts(95, answered=60, busy=10, no_answer=12, declined=4, failed=14)
    >>> round(network_effectiveness_ratio(counts).value, 4)
    0.9053
    """
    return ratio(calls.effective, calls.seizures, why_none="no call got past local rejection")


def call_completion_rate(calls: OutcomeCounts) -> Estimate:
    """CCR: calls ended by wish after an answer / bids (the SCR of RFC 6076, told from outcomes)."""
    return ratio(calls.completed, calls.bids, why_none="no calls")


def average_call_duration(conversation_s: float, answered: int) -> Estimate:
    """ACD (ALOC): conversation / answered calls.

    >>> average_call_duration(10_800, 60).value
    180.0
    """
    return mean_of(conversation_s, answered, "s", "no call was answered")


def mean_holding_time(conversation_s: float, ringing_s: float, seizures: int) -> Estimate:
    """MHT: (conversation + ringing) / seizures."""
    return mean_of(conversation_s + ringing_s, seizures, "s", "no call got past local rejection")


def traffic_erlang(busy_s: float, span_s: float, calls: int) -> Estimate:
    """Traffic carried: seconds busy / seconds of the span, over `calls` calls (3600 s for the busy hour).

    >>> traffic_erlang(10_800, 3600, calls=60).value
    3.0
    """
    if span_s <= 0:
        return unknown("erlang", "the span has no length", n=calls)
    if calls <= 0:
        return unknown("erlang", "no calls")
    return Estimate(busy_s / span_s, "erlang", calls)
