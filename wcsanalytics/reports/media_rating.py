"""Media sessions rated: which may enter a rate, their score, and whether they are good or poor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.quality import ENTER_RATES, RuleSet, admit, classify, mouth_to_ear, rate_columns, rule_set

USUAL_RULES = "cqd"
"""Rule set of the verdicts, if none is asked for."""

AUDIO_PACKETS_S = 50
"""Packets a second of audio in frames of 20 ms, as browsers send it; of video nothing is expected."""

PTIME_MS = 20

CODEC_NOT_KNOWN = "the codec of the audio is not known"


@dataclass(frozen=True, slots=True)
class Rating:
    """By what media are rated: the rules, and whether codecs are scored of which only a provisional row is known."""

    rules: RuleSet = field(default_factory=lambda: rule_set(USUAL_RULES))
    provisional: bool = False

    def told(self) -> Mapping[str, Any]:
        """What is not as usual, for the head of a report."""
        rules = {} if self.rules == rule_set(USUAL_RULES) else {"rules": f"{self.rules.name} {self.rules.version}"}
        return {**rules, **({"provisional": True} if self.provisional else {})}


def rated(rating: Rating, legs: pa.Table) -> pa.Table:
    """The rows with admission, score and verdict; what the store tells of these stands as it is told."""
    scores = _scores(legs)
    admission = _told(legs, "admission", _admissions(legs))
    verdicts = classify(
        pa.table(
            {
                "kind": legs["kind"],
                "admission": admission,
                "loss_ratio": legs["loss_ratio"],
                "jitter_ms": legs["jitter_mean_ms"],
                "rtt_ms": legs["rtt_mean_ms"],
            }
        ),
        rating.rules,
    )
    told = {name: _told(legs, name, scores[name]) for name in ("mos", "scale", "scope", "model")}
    told |= {name: _told(legs, name, verdicts[name]) for name in ("verdict", "poor_because")}
    kept = [name for name in legs.column_names if name not in told and name != "admission"]
    columns: dict[str, Any] = {name: legs[name] for name in kept}
    columns["is_admitted"] = pc.is_in(admission, pa.array(sorted(ENTER_RATES)))
    columns |= {"admission": admission, "rule_set": verdicts["rule_set"]}
    return pa.table(columns | told | {"why_no_mos": scores["why"], "why": verdicts["why"]})


def _scores(legs: pa.Table) -> pa.Table:
    """Scores of audio; video has none."""
    is_audio = pc.equal(legs["kind"], "audio")
    codecs = pc.if_else(is_audio, legs["codec"], pa.scalar(None, pa.string()))
    delay = mouth_to_ear(legs["rtt_p50_ms"], np.nan, legs["jitter_mean_ms"], ptime_ms=PTIME_MS).delay_ms
    scores = rate_columns(codecs, legs["loss_ratio"], one_way_ms=delay)
    why = pc.if_else(pc.is_null(legs["codec"]), CODEC_NOT_KNOWN, scores["why"].combine_chunks())
    why = pc.if_else(is_audio, why, "only audio has an E-model")
    return scores.set_column(scores.column_names.index("why"), "why", why)


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
