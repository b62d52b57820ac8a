"""Answers about words that come again and again. Long ones are not remembered: hostile input would fill memory so."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Generic, TypeVar

LONGEST = 1024
"""Longer words are not remembered."""

W = TypeVar("W", bound=str | bytes | None)
K = TypeVar("K", bound=Hashable)
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


class Answers(dict[K, R], Generic[K, R]):
    """The answers of a function, which is asked once for each word: the quickest memory there is. Full, it stays so."""

    def __init__(self, function: Callable[[K], R], how_many: int, length: Callable[[K], int]) -> None:
        super().__init__()
        self._function, self._how_many, self._length = function, how_many, length

    def __missing__(self, word: K) -> R:
        answer = self._function(word)
        if len(self) < self._how_many and self._length(word) <= LONGEST:
            self[word] = answer
        return answer
