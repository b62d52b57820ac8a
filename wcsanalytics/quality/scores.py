"""A mean opinion score that knows what it is: scores of different kinds can't be compared or averaged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from wcsanalytics.quality.delay import DelayTerm

Scale = Literal["NB", "WB", "FB"]
"""Narrowband (R to 100), wideband (to 129), fullband (to 148)."""

Scope = Literal["LQ", "CQ"]
"""Listening quality has no delay in it, conversational quality has."""

Standing = Literal["standard", "secondary", "provisional", "product"]
"""Read in a standard, told by others of a standard, one author's table, or a product's own formula."""


@dataclass(frozen=True, slots=True, order=True)
class MosKey:
    """What makes two scores comparable. `bpl_source` is where the codec's row comes from."""

    scale: Scale
    scope: Scope
    model: str
    standing: Standing
    bpl_source: str
    delay_term: DelayTerm = "none"


@dataclass(frozen=True, slots=True)
class Mos:
    """A score (1..4.5) over `n` cases (packets, or legs), or the reason why there is none; `r` is on its scale's R.

    `a < b` of two kinds raises TypeError; sums and float() are not offered.

    Raises:
        ValueError: both or neither of value and reason are given, or the value is no MOS.

    """

    key: MosKey
    value: float | None
    r: float | None
    n: int
    why: str | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.why is None):
            raise ValueError("a score has either a value or a reason why not")
        if self.value is not None and not 1 <= self.value <= 4.5:
            raise ValueError(f"{self.value} is no MOS")

    def __lt__(self, other: Mos) -> bool:
        if self.key != other.key or self.value is None or other.value is None:
            return NotImplemented
        return self.value < other.value


def mean_mos(scores: Sequence[Mos]) -> Mos | None:
    """Mean of scores of one kind over those that have a value, `n` their number; None where there are none.

    Raises:
        ValueError: the scores are of several kinds.

    """
    keys = {score.key for score in scores}
    if len(keys) > 1:
        raise ValueError(f"scores of {len(keys)} kinds have no common mean: {_differing(keys)} differ")
    values = [score.value for score in scores if score.value is not None]
    if not scores:
        return None
    if not values:
        return Mos(scores[0].key, None, None, 0, "none of the scores could be computed")
    return Mos(scores[0].key, sum(values) / len(values), None, len(values))


def by_kind(scores: Iterable[Mos]) -> dict[MosKey, list[Mos]]:
    """The scores apart by what they are, in a fixed order of kinds."""
    kinds: dict[MosKey, list[Mos]] = {}
    for score in scores:
        kinds.setdefault(score.key, []).append(score)
    return dict(sorted(kinds.items()))


def _differing(keys: set[MosKey]) -> str:
    names = [name for name in MosKey.__dataclass_fields__ if len({getattr(key, name) for key in keys}) > 1]
    return ", ".join(names)
