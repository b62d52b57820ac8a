"""Figures of call quality, as declared: what each means and which columns make it.

RFC 6076 is counted at the originating side (calls out of the client), E.411 and E.425 on both.
"""

from __future__ import annotations

from typing import NamedTuple

from wcsanalytics.reports.declared import Measure, Share, Value

QUANTILES = (50, 90, 95, 99)


class Delay(NamedTuple):
    """A time told by its quantiles; `column` holds the list of them, `n` how many cases there were."""

    name: str
    label: str
    unit: str
    of: str
    meaning: str
    query: str
    column: str
    n: str

    def measures(self) -> tuple[Measure, ...]:
        """One figure for each quantile."""
        return tuple(
            Measure(
                f"{self.name}_p{quantile}_{self.unit}",
                f"{self.label}, {'median' if quantile == 50 else f'p{quantile}'}",
                self.unit,
                self.of,
                self.meaning,
                source=Value(self.query, self.column, self.n, at),
            )
            for at, quantile in enumerate(QUANTILES)
        )


def _of_calls(name: str, label: str, of: str, meaning: str, hits: str, n: str, target: float | None = None) -> Measure:
    return Measure(name, label, "ratio", of, meaning, target, Share("call_counts", hits, n))


def _delay(name: str, label: str, of: str, meaning: str, column: str, n: str, unit: str = "ms") -> Delay:
    return Delay(name, label, unit, of, meaning, "call_counts", column, n)


SIGNALLING = (
    _of_calls(
        "asr", "Answer-seizure ratio (ASR)", "calls past local rejection", "Answered / seizures, E.411",
        "answered_seizures", "seizures",
    ),
    _of_calls(
        "abr", "Answer-bid ratio (ABR)", "calls attempted", "Answered / bids, E.411", "answered", "attempts",
    ),
    _of_calls(
        "ner", "Network effectiveness (NER)", "calls past local rejection",
        "Answered, busy, not answered or declined / seizures, E.425", "effective", "seizures",
    ),
    _of_calls(
        "ccr", "Call completion (CCR)", "calls attempted that are over",
        "Answered and ended by the wish of either side / bids that are over, E.411", "completed_attempts",
        "over_attempts",
    ),
    _of_calls(
        "ser", "Session establishment (SER)", "outgoing calls decided and not sent elsewhere",
        "200 / (INVITE - 3XX, 401, 402, 407), RFC 6076 4.6", "established", "own_requests",
    ),
    _of_calls(
        "seer", "Session effectiveness (SEER)", "outgoing calls decided and not sent elsewhere",
        "200, 480, 486, 600, 603 / (INVITE - 3XX, 401, 402, 407), RFC 6076 4.7", "effective_requests", "own_requests",
    ),
    _of_calls(
        "isa", "Ineffective attempts (ISA)", "outgoing calls decided",
        "408 without ringing, 500, 503, 504 / session requests, RFC 6076 4.8", "ineffective", "requests",
    ),
    _of_calls(
        "scr", "Session completion (SCR)", "outgoing calls that are over",
        "Answered and ended by the wish of either side / session requests that are over, RFC 6076 4.9",
        "completed_requests", "ended_requests",
    ),
    _of_calls(
        "setup_failure_rate", "Calls that failed to set up", "calls attempted",
        "Failed for a technical reason before an answer / attempts", "setup_failures", "attempts",
        target=0.01,
    ),
    _of_calls(
        "drop_rate", "Answered calls dropped", "answered calls",
        "Ended by no one's wish after the answer, lost sessions included (wide) / answered calls",
        "dropped", "talked", target=0.03,
    ),
    _of_calls(
        "drop_rate_strict", "Answered calls that failed", "answered calls",
        "Failed after the answer, lost sessions not counted (strict) / answered calls",
        "failed_later", "talked", target=0.03,
    ),
)  # fmt: skip

DELAYS = (
    _delay("post_dial", "Post-dial delay", "outgoing calls that rang",
           "RFC 6076 4.3 SRD, success, from the server's hooks", "post_dial_ms", "post_dials"),
    _delay("failed_dial", "Delay of refused calls", "outgoing calls refused before they rang",
           "RFC 6076 4.3 SRD, failure, from the server's hooks", "failed_dial_ms", "failed_dials"),
    _delay("setup", "Setup time", "outgoing calls answered", "From the call to its answer", "setup_ms", "setups"),
    _delay("hook_wait", "Wait for the backend", "calls whose hook was answered", "From the call's hook to its answer",
           "hook_wait_ms", "hook_waits"),
    _delay("ring", "Ringing", "calls that rang and were decided", "From ringing to the answer, or to the end",
           "ring_ms", "rings"),
    _delay("disconnect", "Disconnect delay", "calls that the client ended",
           "RFC 6076 4.4 SDD, from the hangup to the end, from the server's hooks", "disconnect_ms", "disconnects"),
    _delay("talk", "Talk time", "answered calls that ended", "From the answer to the end, holds taken out", "talk_s",
           "talks", "s"),
    _delay("hold", "Time on hold", "calls put on hold", "Sum of the holds of a call", "hold_s", "hold_times", "s"),
)  # fmt: skip

ACD = Measure(
    "acd_s", "Mean talk time (ACD)", "s", "answered calls that ended", "Conversation without holds, E.411",
    source=Value("call_counts", "talk_mean_s", "talks"),
)  # fmt: skip
MHT = Measure(
    "mht_s", "Mean holding time (MHT)", "s", "calls past local rejection that ended",
    "From ringing to the end / seizures that ended, E.411",
    source=Value("call_counts", "mean_held_s", "ended_seizures"),
)  # fmt: skip
ERLANG = Measure(
    "erlang", "Traffic", "Erlang", "answered calls",
    "Seconds of answered calls / seconds, from the first hour with calls to the last",
    source=Value("traffic_counts", "erlang", "answered"),
)  # fmt: skip
BUSY_HOUR = Measure(
    "busy_hour_erlang", "Traffic of the busiest hour", "Erlang", "answered calls",
    "Seconds of answered calls in the clock hour that had most / 3600",
    source=Value("traffic_counts", "busy_hour_erlang", "answered"),
)  # fmt: skip

FEATURES = (
    _of_calls("hold_rate", "Calls put on hold", "answered calls", "Held at least once / answered", "n_held", "talked"),
    _of_calls("dtmf_rate", "Calls with tones", "answered calls", "With sendDtmf / answered", "n_toned", "talked"),
    _of_calls("transfer_rate", "Calls transferred", "answered calls", "With transfer / answered", "n_moved", "talked"),
    Measure("transfer_failure_rate", "Transfers that failed", "ratio", "transfers decided",
            "Not COMPLETED / transfers decided", source=Share("transfer_counts", "not_completed", "decided")),
    Measure("repeat_rate", "Calls made again", "ratio", "calls attempted between known parties",
            "Same caller and callee within a minute of the end of the one before / calls",
            source=Share("repeat_counts", "repeats", "calls")),
)  # fmt: skip

IRA = Measure(
    "ira", "Failed registrations (IRA)", "ratio", "registrations decided",
    "Failed / decided, RFC 6076 4.2; the challenge before is not seen",
    source=Share("registration_counts", "failed", "decided"),
)  # fmt: skip
RRD = Delay(
    "rrd", "Registration (RRD)", "ms", "registrations that succeeded",
    "RFC 6076 4.1, from connect to REGISTERED, from the server's hooks", "registration_counts", "delay_ms", "delays",
)  # fmt: skip

STREAMS = (
    Measure("stream_start_failure_rate", "Streams that failed to start", "ratio", "streams asked for",
            "FAILED before PLAYING or PUBLISHING / publishes and plays asked for", 0.01,
            Share("stream_counts", "failed_to_start", "asked")),
    Measure("stream_drop_rate", "Started streams dropped", "ratio", "started streams that ended",
            "Ended by no one's wish, session losses included (wide) / started streams that ended", 0.03,
            Share("stream_counts", "dropped", "ended")),
    Measure("stream_drop_rate_strict", "Started streams that failed", "ratio", "started streams that ended",
            "FAILED after the start (strict) / started streams that ended", 0.03,
            Share("stream_counts", "failed_later", "ended")),
)  # fmt: skip
STARTUP = Delay(
    "startup", "Stream startup", "ms", "streams started", "From asked to PLAYING or PUBLISHING", "stream_counts",
    "startup_ms", "startups",
)  # fmt: skip

POOR = Measure(
    "poor_media_rate", "Poor media", "ratio", "media sessions rated",
    "Poor by the rule set / rated, by kind and direction", 0.03, Share("media_counts", "poor", "judged"),
)  # fmt: skip
ONE_WAY = Measure(
    "one_way_rate", "One-way calls", "ratio", "calls with media samples",
    "In one direction less than a tenth of the packets expected, half or more in the other / calls with samples",
    source=Share("media_counts", "one_way_calls", "calls"),
)  # fmt: skip
LOSS = Measure(
    "loss_ratio", "Packet loss, median", "ratio", "media sessions with samples", "Lost / (lost + received)",
    source=Value("media_counts", "loss_p50_ratio", "losses"),
)  # fmt: skip
JITTER = Measure(
    "jitter_ms", "Jitter, median of the p95", "ms", "media sessions with samples", "RFC 3550",
    source=Value("media_counts", "jitter_ms", "jitters"),
)  # fmt: skip
RTT = Measure(
    "rtt_ms", "Round-trip time, median", "ms", "media sessions with samples", "From RTCP reports",
    source=Value("media_counts", "rtt_ms", "round_trips"),
)  # fmt: skip
MOS = Measure(
    "mos", "Mean opinion score (MOS)", "score", "media sessions with a score",
    "Median of the E-model's scores, of one scale, scope, model and codec table only; packets of 20 ms",
    source=Value("media_counts", "mos_p50", "like_scores"),
)  # fmt: skip
UNDECIDED = Measure(
    "mos_undecided_rate", "Scores that hang on the model", "ratio", "audio that several models score",
    "Least score of the models below 3.60, greatest not / audio that several models score",
    source=Share("media_counts", "undecided", "compared"),
)  # fmt: skip
MEDIA = (POOR, ONE_WAY, LOSS, JITTER, RTT, MOS, UNDECIDED)

MEASURES = (
    *SIGNALLING, *(measure for delay in DELAYS for measure in delay.measures()), ACD, MHT, ERLANG, BUSY_HOUR, *FEATURES,
    IRA, *RRD.measures(), *STREAMS, *STARTUP.measures(), *MEDIA,
)  # fmt: skip
