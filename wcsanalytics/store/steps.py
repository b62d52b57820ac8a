"""Named steps before each durable action: the places where a crash may come."""

from __future__ import annotations

from collections.abc import Callable

_watchers: list[Callable[[str], None]] = []


def step(name: str) -> None:
    """Say that the durable action of this name comes next."""
    for watcher in _watchers:
        watcher(name)


def watch(watcher: Callable[[str], None]) -> Callable[[], None]:
    """Call the watcher at each step; returns a function that ends it."""
    _watchers.append(watcher)
    return lambda: _watchers.remove(watcher)
