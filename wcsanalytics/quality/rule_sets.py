"""Sets of rules as data: the thresholds by which products and standards call a stream poor, each set with its source.

A set is a TOML file: `name`, `title`, `version` (its owner's, else a count of our own), `source`, and `[[rules]]`.
A rule has a `name` and, under `when`, conditions that must all hold ("metric > number" or "metric > other_metric"); if
need be `kind` (audio, video ...), `level` ("poor", or "warn" for what is only told) and `samples = [hits, of]` (so many
of so many samples in a row, of a list column). `[decides]` says by kind whether "any" rule decides or the "first" whose
metrics are there; `[targets]` holds ratios, 0..1.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, NamedTuple

from wcsanalytics.errors import SourceError, UnknownName

Decides = Literal["any", "first"]

_CONDITION = re.compile(r"([a-z]\w*) *(<=|>=|<|>) *(?:(-?\d+(?:\.\d+)?)|([a-z]\w*))")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TEXTS = ("name", "title", "version", "source")
_RULE_KEYS = {"name", "kind", "level", "when", "samples"}


class Condition(NamedTuple):
    """A metric held against a number, or against another metric."""

    metric: str
    compare: str
    limit: float | str

    def __str__(self) -> str:
        return f"{self.metric} {self.compare} {self.limit if isinstance(self.limit, str) else format(self.limit, 'g')}"


class Rule(NamedTuple):
    """All conditions hold: the stream is poor, or warned of. `samples` asks for (hits, of) samples in a row."""

    name: str
    when: tuple[Condition, ...]
    kind: str | None = None
    level: Literal["poor", "warn"] = "poor"
    samples: tuple[int, int] | None = None

    @property
    def metrics(self) -> tuple[str, ...]:
        """Columns that the rule reads, each once."""
        read = [name for each in self.when for name in (each.metric, each.limit) if isinstance(name, str)]
        return tuple(dict.fromkeys(read))


class RuleSet(NamedTuple):
    """Rules with where they come from; `decides` says by kind how they go together, "any" if it is silent."""

    name: str
    title: str
    version: str
    source: str
    rules: tuple[Rule, ...]
    decides: Mapping[str, Decides]
    targets: Mapping[str, float]

    def of(self, kind: str | None) -> tuple[Rule, ...]:
        """The rules for streams of a kind, in order."""
        return tuple(rule for rule in self.rules if rule.kind in (None, kind))


def rule_set_names() -> tuple[str, ...]:
    """The sets that ship with the package.

    >>> rule_set_names()
    ('cqd', 'livekit', 'observertc', 'twilio', 'wcs', 'webrtc_issue_detector')
    """
    rules = files("wcsanalytics.quality") / "rules"
    return tuple(sorted(each.name.removesuffix(".toml") for each in rules.iterdir() if each.name.endswith(".toml")))


def rule_set(name: str) -> RuleSet:
    """A set that ships with the package.

    Raises:
        UnknownName: there is none of that name.

    """
    if name not in rule_set_names():
        raise UnknownName(f"no rule set {name!r}; there are {', '.join(rule_set_names())}")
    text = (files("wcsanalytics.quality") / "rules" / f"{name}.toml").read_text(encoding="utf-8")
    return parsed_rule_set(text, f"{name}.toml")


def read_rule_set(path: str | Path) -> RuleSet:
    """A user's own set.

    Raises:
        SourceError: the file can't be read, or holds no rule set.

    """
    try:
        return parsed_rule_set(Path(path).read_text(encoding="utf-8"), Path(path).name)
    except (OSError, UnicodeDecodeError) as problem:
        raise SourceError(f"{path}: the rule set can't be read ({type(problem).__name__})") from problem


def parsed_rule_set(text: str, told_as: str = "rules") -> RuleSet:
    """The set that a TOML text holds; `told_as` names it in messages.

    Raises:
        SourceError: the text holds no rule set; the message says which rule is wrong.

    """
    try:
        told = tomllib.loads(text)
        _only(told, {*_TEXTS, "rules", "decides", "targets"})
        words = [_text(told, key) for key in _TEXTS]
        rules = tuple(_rule(number, rule) for number, rule in enumerate(_list(told, "rules"), start=1))
        return RuleSet(words[0], words[1], words[2], words[3], rules, _decides(told), _targets(told))
    except ValueError as problem:
        raise SourceError(f"{told_as}: {problem}") from problem


def _rule(number: int, told: Any) -> Rule:
    if not isinstance(told, dict):
        raise ValueError(f"rule {number} is no table")
    try:
        _only(told, _RULE_KEYS)
        level = told.get("level", "poor")
        if level not in ("poor", "warn"):
            raise ValueError("level is neither 'poor' nor 'warn'")
        when = tuple(_condition(each) for each in _list(told, "when"))
        kind = _text(told, "kind") if "kind" in told else None
        return Rule(_text(told, "name"), when, kind, level, _samples(told, when))
    except ValueError as problem:
        raise ValueError(f"rule {number}: {problem}") from problem


def _condition(told: Any) -> Condition:
    match = _CONDITION.fullmatch(told) if isinstance(told, str) else None
    if match is None:
        raise ValueError(f"{told!r} is no condition such as 'loss_ratio > 0.05'")
    metric, compare, number, other = match.groups()
    return Condition(metric, compare, other if number is None else float(number))


def _samples(told: Mapping[str, Any], when: tuple[Condition, ...]) -> tuple[int, int] | None:
    if "samples" not in told:
        return None
    match told["samples"]:
        case [int(hits), int(of)] if 0 < hits <= of and len(when) == 1 and isinstance(when[0].limit, float):
            return hits, of
    raise ValueError("samples is not [hits, of] of one condition on a number, such as [3, 5]")


def _decides(told: Mapping[str, Any]) -> dict[str, Decides]:
    decides = told.get("decides", {})
    if not isinstance(decides, dict) or not set(decides.values()) <= {"any", "first"}:
        raise ValueError("decides is no table of 'any' and 'first'")
    return decides


def _targets(told: Mapping[str, Any]) -> dict[str, float]:
    targets = told.get("targets", {})
    if not isinstance(targets, dict) or not all(isinstance(each, int | float) for each in targets.values()):
        raise ValueError("targets is no table of numbers")
    return {name: float(each) for name, each in targets.items()}


def _only(told: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(told) - known):
        raise ValueError(f"unknown key {unknown[0]!r}; there are {', '.join(sorted(known))}")


def _list(told: Mapping[str, Any], key: str) -> list[Any]:
    values = told.get(key)
    if not isinstance(values, list) or not values:
        raise ValueError(f"{key} is missing or empty")
    return values


def _text(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key)
    if not isinstance(value, str) or not value or (key in ("name", "kind") and not _NAME.fullmatch(value)):
        raise ValueError(f"{key} is missing or not plain text")
    return value
