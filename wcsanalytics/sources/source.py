"""The two answers to a name: an input that can be read, or the reason why not."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from wcsanalytics.errors import SourceError
from wcsanalytics.sources.streams import CHUNK, regrouped


class Unreadable(NamedTuple):
    """An input that was refused or is missing; `reason` reads well after its name and a colon."""

    path: str
    member: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """One input: a file, a member of an archive, or standard input (`path` is "-").

    `path` and `member` are exact and may hold lone surrogates for bytes that are not UTF-8; `name` is for people.
    `mtime` is None where nothing tells it. `open` yields decompressed bytes from the start, each time it is called.
    """

    path: str
    member: str | None
    mtime: datetime | None
    open: Callable[[], Iterator[bytes]] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """The input as people write it: `path` or `path!member`, in valid Unicode."""
        exact = self.path if self.member is None else f"{self.path}!{self.member}"
        return exact.encode("utf-8", "backslashreplace").decode()

    @property
    def file_name(self) -> str:
        """The base name without .gz or .zst: it ends in what rotation added."""
        return re.sub(r"\.(gz|zst)$", "", re.split(r"[/\\]", self.member or os.fspath(self.path))[-1], flags=re.I)

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """Decompressed bytes from the start, `size` at a time.

        A source that breaks hands out all that came before the break, then raises SourceError with name and reason.
        """
        try:
            yield from regrouped(self.open(), size)
        except SourceError as problem:
            raise SourceError(f"{self.name}: {problem}") from problem
