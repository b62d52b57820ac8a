"""Modules that a process shall do without: pyarrow, for one, loads pandas with its first array if it finds it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class _Hiding:
    """Stands before the finders of modules and says that there is none of that name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == self._name:
            raise ModuleNotFoundError(f"{name} is not used here", name=name)


@contextmanager
def hidden(name: str) -> Iterator[None]:
    """While the block runs, the module can't be found; one that is loaded stays."""
    finder = _Hiding(name)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
