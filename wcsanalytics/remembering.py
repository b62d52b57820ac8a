"""Answers about words that come again and again. Long ones are not remembered: hostile input would fill memory so."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

LONGEST = 1024
"""Longer words are not remembered."""

W = TypeVar("W", bound=str | bytes | None)
R = TypeVar("R")


def remembered(how_many: int) -> Callable[[Callable[[W], R]], Callable[[W], R]]:
    """Let a function of one word remember its answers to so many of them."""

    def decorate(function: Callable[[W], R]) -> Callable[[W], R]:
        known = lru_cache(maxsize=how_many)(function)

        @wraps(function)
        def answer(word: W) -> R:
            return known(word) if word is None or len(word) <= LONGEST else function(word)

        return answer

    return decorate
