"""Media sessions rated: which may enter a rate, their score, and whether they are good or poor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.quality import (
    ENTER_RATES,
    LIVEKIT_LOSS_WEIGHTS,
    LOOKAHEAD_MS,
    RuleSet,
    admit,
    classify,
    codec_named,
    livekit_score,
    mos_of_r,
    mouth_to_ear,
    product_columns,
    rate_columns,
    rule_set,
    twilio_r,
)
from wcsanalytics.quality.arrays import FloatArray, floats, nullable

USUAL_RULES = "cqd"
"""Rule set of the verdicts, if none is asked for."""

AUDIO_PACKETS_S = 50
"""Packets a second of audio in frames of 20 ms, as browsers send it; of video nothing is expected."""

PTIME_MS = 20

IN_A_ROW = frozenset({
    "jitter_samples_ms", "rtt_samples_ms", "loss_samples_ratio", "loss_mean_7_ratio", "twilio_mos_samples",
    "least_audio_level_deviation",
})  # fmt: skip
"""Metrics of samples in a row, which are read only for rules that ask about them."""

CODEC_NOT_KNOWN = "the codec of the audio is not known"


@dataclass(frozen=True, slots=True)
class Rating:
    """By what media are rated: the rules, and whether codecs are scored of which only a provisional row is known."""

    rules: RuleSet = field(default_factory=lambda: rule_set(USUAL_RULES))
    provisional: bool = False

    @property
    def by_samples(self) -> bool:
        """Whether a rule looks at samples in a row, not only at what they come to."""
        return bool(IN_A_ROW & {metric for rule in self.rules.rules for metric in rule.metrics})

    def told(self) -> Mapping[str, Any]:
        """What is not as usual, for the head of a report."""
        rules = {} if self.rules == rule_set(USUAL_RULES) else {"rules": f"{self.rules.name} {self.rules.version}"}
        return {**rules, **({"provisional": True} if self.provisional else {})}


def rated(rating: Rating, legs: pa.Table) -> pa.Table:
    """The rows with admission, scores and verdict; what the store tells of these stands as it is told.

    Columns that rules ask about bear the names of `quality.METRICS`.
    """
    admission = _told(legs, "admission", _admissions(legs))
    made: dict[str, Any] = {"admission": admission, "is_admitted": pc.is_in(admission, pa.array(sorted(ENTER_RATES)))}
    made |= _scores(legs, provisional=rating.provisional)
    made |= _models(legs, made)
    verdicts = classify(_with(legs, made), rating.rules)
    made |= {name: _told(legs, name, verdicts[name]) for name in ("verdict", "poor_because")}
    made |= {name: verdicts[name] for name in ("rule_set", "warned_because", "why", "coverage")}
    return _with(legs, made)


def _scores(legs: pa.Table, *, provisional: bool) -> dict[str, Any]:
    """Scores of audio by the E-model, each with its kind; video has none."""
    codecs = _audio_codecs(legs)
    way = mouth_to_ear(
        legs["rtt_ms"], legs["jitter_buffer_ms"], legs["jitter_ms"], ptime_ms=PTIME_MS, lookahead_ms=_lookahead(codecs)
    )
    opus: Literal["by_rate"] | None = "by_rate" if provisional else None
    burst = pc.fill_null(legs["burst_ratio"], 1.0)
    scores = rate_columns(
        codecs, legs["loss_ratio"], one_way_ms=way.delay_ms, burst_r=burst, kbps=legs["kbps"], opus_bandwidth=opus
    )
    why = pc.if_else(pc.is_null(legs["codec"]), CODEC_NOT_KNOWN, scores["why"].combine_chunks())
    lossless = pc.if_else(pc.is_null(legs["loss_ratio"]), None, 0.0)
    best, heard = (
        rate_columns(codecs, loss, burst_r=burst, kbps=legs["kbps"], opus_bandwidth=opus)
        for loss in (lossless, legs["loss_ratio"])
    )
    told = {name: _told(legs, name, scores[name]) for name in ("mos", "scale", "scope", "model")}
    return {
        **told,
        # what loss alone takes: what a codec comes to without any is the most that it can
        "mos_degradation": pc.subtract(best["mos"], heard["mos"]),
        **{name: scores[name] for name in ("standing", "bpl_source", "delay_term", "mos_low", "mos_high")},
        "is_delay_estimated": pa.array(way.estimated),
        "why_no_mos": pc.if_else(_is_audio(legs), why, "only audio has an E-model"),
    }


def _models(legs: pa.Table, scores: dict[str, Any]) -> dict[str, Any]:
    """What products say of the same audio, and the band of all models: least and greatest of them."""
    rtt, jitter, loss = (floats(legs[name]) for name in ("rtt_ms", "jitter_ms", "loss_ratio"))
    is_audio = _is_audio(legs).to_numpy(False)
    g711 = pc.is_in(_audio_codecs(legs), pa.array(["PCMU", "PCMA"])).to_numpy(False)
    products = {
        name: np.where(is_audio, mos, np.nan)
        for name, mos in product_columns(rtt, jitter, loss * 100, g711=g711).items()
    }
    is_opus = pc.equal(pc.utf8_lower(_audio_codecs(legs)), "opus").fill_null(False).to_numpy(False)
    weights = np.select([is_opus, ~is_audio], [LIVEKIT_LOSS_WEIGHTS["opus"], LIVEKIT_LOSS_WEIGHTS["video"]], np.nan)
    own = [floats(scores[name]) for name in ("mos", "mos_low", "mos_high")]
    return {
        **{f"{name}_mos": nullable(mos) for name, mos in products.items()},
        "twilio_mos_samples": _twilio_samples(legs["path_samples"].combine_chunks()),
        "livekit_score": nullable(livekit_score(rtt, jitter, loss * 100, weights)),
        "mos_low": nullable(np.fmin.reduce([*own, *products.values()])),
        "mos_high": nullable(np.fmax.reduce([*own, *products.values()])),
    }


def _twilio_samples(paths: pa.ListArray) -> pa.Array:
    """Twilio's score of each sample of a leg that tells all three that it is made of."""
    rtt, jitter, loss = (floats(pc.struct_field(paths.values, name)) for name in ("rtt_ms", "jitter_ms", "loss_ratio"))
    mos = nullable(mos_of_r(twilio_r(rtt, jitter, loss * 100)))
    return pa.ListArray.from_arrays(paths.offsets, mos, mask=pc.is_null(paths))


def _is_audio(legs: pa.Table) -> pa.Array:
    return pc.equal(legs["kind"], "audio").combine_chunks()


def _audio_codecs(legs: pa.Table) -> pa.Array:
    """Names of codecs in RTP, null of video."""
    return pc.if_else(_is_audio(legs), legs["codec"].combine_chunks(), pa.scalar(None, pa.string()))


def _lookahead(codecs: pa.Array) -> FloatArray:
    """What the coder waits beyond its frame, in ms; of a coder that is not listed nothing is known to be waited."""
    names = codecs.dictionary_encode()
    rows = [codec_named(name) for name in names.dictionary.to_pylist()]
    waits = [next((ms for name, ms in LOOKAHEAD_MS.items() if row and row.name.startswith(name)), 0.0) for row in rows]
    of_leg: FloatArray = np.array([*waits, 0.0])[names.indices.fill_null(len(waits)).to_numpy()]
    return of_leg


def _admissions(legs: pa.Table) -> pa.Array:
    counted = legs["counted_s"].to_numpy()
    due = np.where(pc.equal(legs["kind"], "audio").to_numpy(), counted * AUDIO_PACKETS_S, np.nan)
    return admit(
        talk_s=legs["talk_s"],
        packets_in=legs["packets_in"],
        packets_out=legs["packets_out"],
        expected_in=due,
        expected_out=due,
        answered=legs["is_answered"].combine_chunks(),
    )


def _told(legs: pa.Table, name: str, made: pa.Array | pa.ChunkedArray) -> pa.Array:
    own = legs[name].combine_chunks()
    rows = made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
    return pc.coalesce(own, rows.cast(own.type))


def _with(legs: pa.Table, made: Mapping[str, Any]) -> pa.Table:
    """The rows with columns in the place of those of the same names, or beside them."""
    return pa.table({name: legs[name] for name in legs.column_names if name not in made} | dict(made))
