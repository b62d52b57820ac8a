"""Streams called good or poor by a rule set, a column at a time; poor says because of what, unclassified says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.errors import UnknownName
from wcsanalytics.quality.admission import ENTER_RATES
from wcsanalytics.quality.arrays import BoolArray, FloatArray, IntArray, floats
from wcsanalytics.quality.estimates import Estimate, ratio
from wcsanalytics.quality.rule_sets import Condition, Rule, RuleSet

ONE_WAY = "no_rtp: packets came one way only"
UNMEASURED = "none of the metrics was measured that the rules need"
NO_RULES = "the rules say nothing about this kind of stream"

SCHEMA = pa.schema(
    [
        pa.field("rule_set", pa.string(), metadata={"description": "Name and version of the rules."}),
        pa.field("verdict", pa.string(), metadata={"description": "good, poor or unclassified."}),
        pa.field("poor_because", pa.string(), metadata={"description": "Rule, metric, value and limit."}),
        pa.field("warned_because", pa.string(), metadata={"description": "Rules that only warn."}),
        pa.field("why", pa.string(), metadata={"description": "Why it is unclassified."}),
        pa.field("coverage", pa.float64(), metadata={"unit": "ratio", "description": "Rules that could tell / rules."}),
    ]
)


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


class Told(NamedTuple):
    """What one rule says of each stream: whether it could tell, whether it holds, and in which words (else null)."""

    decided: BoolArray
    holds: BoolArray
    says: pa.Array


def classify(streams: pa.Table, rules: RuleSet) -> pa.Table:
    """The verdict on each stream, a table of `SCHEMA` in the order of the rows.

    `streams` has the columns `kind` and `admission` (see there), and metrics by the names of `media_metrics`; one that
    is absent is null. Only streams that are admitted are rated: the others are unclassified, their class the reason.

    Raises:
        UnknownName: a column is missing.

    """
    for name in ("kind", "admission"):
        if name not in streams.column_names:
            raise UnknownName(f"no column {name!r}; streams to rate need kind and admission")
    kinds = streams["kind"].combine_chunks().cast(pa.string())
    parts, places = [SCHEMA.empty_table()], [np.empty(0, np.int64)]
    for kind in pc.unique(kinds).to_pylist():
        mask = pc.is_null(kinds) if kind is None else pc.equal(kinds, kind).fill_null(False)
        rows = np.flatnonzero(mask.to_numpy(False))
        parts.append(_of_one_kind(streams.take(pa.array(rows)), rules, kind))
        places.append(rows)
    return pa.concat_tables(parts).take(pa.array(np.argsort(np.concatenate(places))))


def poor_rate(verdicts: pa.Table) -> Estimate:
    """Poor / (good + poor), with its interval; unclassified streams are in no rate."""
    counts = {each["values"]: each["counts"] for each in pc.value_counts(verdicts["verdict"]).to_pylist()}
    poor, good = counts.get("poor", 0), counts.get("good", 0)
    return ratio(poor, poor + good, why_none="no stream could be classified")


def _of_one_kind(streams: pa.Table, rules: RuleSet, kind: str | None) -> pa.Table:
    n = streams.num_rows
    told = [(rule.level, _told(streams, rule)) for rule in rules.of(kind)]
    first = rules.decides.get(kind or "") == "first"
    deciding = [each for level, each in told if level == "poor"]
    deciding = _first_that_tells(deciding) if first else deciding
    admission = streams["admission"].combine_chunks().cast(pa.string()).fill_null("no_data")
    one_way, admitted = pc.equal(admission, "no_rtp"), pc.is_in(admission, pa.array(sorted(ENTER_RATES)))
    decided = _count([each.decided for each in deciding], n)
    poor = pc.or_(one_way, pa.array(_count([each.holds for each in deciding], n) > 0))
    rated = pc.and_(admitted, pc.or_(one_way, pa.array(decided > 0)))
    because = [pc.if_else(one_way, ONE_WAY, None), *(each.says for each in deciding)]
    not_admitted = pc.binary_join_element_wise("not rated", admission, ": ")
    columns = [
        pa.repeat(f"{rules.name} {rules.version}", n),
        pc.if_else(rated, pc.if_else(poor, "poor", "good"), "unclassified"),
        pc.if_else(rated, _joined(because, n), None),
        pc.if_else(rated, _joined([each.says for level, each in told if level == "warn"], n), None),
        pc.if_else(rated, None, pc.if_else(admitted, UNMEASURED if told else NO_RULES, not_admitted)),
        _coverage(decided, len(deciding), first=first),
    ]
    return pa.table(columns, schema=SCHEMA)


def _coverage(decided: IntArray, rules: int, *, first: bool) -> pa.Array:
    if not rules:
        return pa.nulls(len(decided), pa.float64())
    return pa.array(np.minimum(decided, 1.0) if first else decided / rules)


def _first_that_tells(told: Sequence[Told]) -> list[Told]:
    """Only the first rule whose metrics are there speaks of a stream."""
    spoken: Any = np.False_
    kept = []
    for each in told:
        speaks = each.decided & ~spoken
        says = pc.if_else(pa.array(speaks), each.says, None)
        kept.append(Told(speaks, each.holds & speaks, says))
        spoken = spoken | each.decided
    return kept


def _told(streams: pa.Table, rule: Rule) -> Told:
    if rule.samples is not None:
        return _told_of_samples(streams, rule, *rule.samples)
    decided_not, all_known = np.zeros(streams.num_rows, dtype=bool), np.ones(streams.num_rows, dtype=bool)
    values = [_values(streams, condition.metric) for condition in rule.when]
    for condition, value in zip(rule.when, values, strict=True):
        limit = _limit(streams, condition)
        known = ~np.isnan(value) & ~np.isnan(limit)
        decided_not |= known & ~_COMPARE[condition.compare](value, limit)
        all_known &= known
    holds = all_known & ~decided_not
    words = [_in_words(condition, value[holds]) for condition, value in zip(rule.when, values, strict=True)]
    says = pc.binary_join_element_wise(pa.repeat(f"{rule.name}:", int(holds.sum())), *words, " ")
    # in words only where it holds: numbers to text is the dear part
    return Told(all_known | decided_not, holds, says.take(pa.array(np.cumsum(holds) - 1, mask=~holds)))


def _told_of_samples(streams: pa.Table, rule: Rule, hits: int, of: int) -> Told:
    """Whether in any `of` samples in a row the condition holds for `hits`; of a shorter list in all of it."""
    (condition,) = rule.when
    n = streams.num_rows
    if condition.metric not in streams.column_names:
        return Told(np.zeros(n, dtype=bool), np.zeros(n, dtype=bool), pa.nulls(n, pa.string()))
    lists = streams[condition.metric].combine_chunks()
    values, owner = floats(pc.list_flatten(lists)), pc.list_parent_indices(lists).to_numpy()
    flags = _COMPARE[condition.compare](values, condition.limit)
    reached = np.concatenate([[0], np.cumsum(flags)])
    at = np.arange(len(values))
    starts = np.maximum(at - of + 1, np.searchsorted(owner, owner, side="left"))
    raised = owner[reached[at + 1] - reached[starts] >= hits]
    holds = np.bincount(raised, minlength=n) > 0
    known = np.bincount(owner[~np.isnan(values)], minlength=n) > 0
    says = pa.repeat(f"{rule.name}: {condition} in {hits} of {of} samples", n)
    return Told(known, holds, pc.if_else(pa.array(holds), says, None))


def _values(streams: pa.Table, name: str) -> FloatArray:
    return floats(streams[name]) if name in streams.column_names else np.full(streams.num_rows, np.nan)


def _limit(streams: pa.Table, condition: Condition) -> FloatArray:
    if isinstance(condition.limit, str):
        return _values(streams, condition.limit)
    return np.full(streams.num_rows, condition.limit)


def _in_words(condition: Condition, value: FloatArray) -> pa.Array:
    """Metric, value, comparison and limit: "loss_ratio 0.12 > 0.1"."""
    metric, limit = str(condition).split(" ", 1)
    shown = pc.round(pa.array(value), ndigits=4).cast(pa.string())
    return pc.binary_join_element_wise(metric, shown, limit, " ")


def _joined(says: Sequence[pa.Array], n: int) -> pa.Array:
    """What is said, "; " between; null where nothing is."""
    # null_handling="skip" loses rows in which all is null (pyarrow 26), so nulls become empty texts first
    led = [pc.binary_join_element_wise("; ", each, "").fill_null("") for each in says]
    text = pc.utf8_slice_codeunits(pc.binary_join_element_wise(pa.repeat("", n), *led, ""), start=2)
    return pc.if_else(pc.equal(text, ""), None, text)


def _count(flags: Sequence[BoolArray], n: int) -> IntArray:
    return np.sum(flags, axis=0, dtype=np.int64) if flags else np.zeros(n, dtype=np.int64)
