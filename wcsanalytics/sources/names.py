"""From what people name to what can be read: paths, directories, patterns, `-`."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from wcsanalytics.errors import SourceError
from wcsanalytics.sources.archives import members
from wcsanalytics.sources.caps import USUAL, Caps
from wcsanalytics.sources.source import Source, Unreadable
from wcsanalytics.sources.streams import PIECE, file_pieces, kind_of, peeked, refusal, unpacked

_ARCHIVE_NAME = re.compile(r"\.(zip|tar|tgz|tar\.gz|tar\.zst)$", re.I)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_WILD = re.compile(r"[*?\[]")
_AGAIN = "can be read only once; save it to a file and name that"

Found = Iterator[Source | Unreadable]


def found(names: Iterable[str], stdin: BinaryIO | None = None, caps: Caps = USUAL) -> Found:
    """What stands behind the names, in their order; a directory is walked, sorted, with all below it.

    Archives are opened one after the other, as the answers are taken. Read each source before taking the next:
    members of a compressed tar share one pass over it.
    """
    standard_input = _standard_input(stdin, caps)
    for name in names:
        if name == "-":
            yield next(standard_input)
            continue
        try:
            yield from _named(name, caps)
        except (OSError, ValueError) as problem:
            yield _unreadable(name, problem)


def _unreadable(name: str, problem: OSError | ValueError) -> Unreadable:
    return Unreadable(name, None, f"can't be read: {getattr(problem, 'strerror', None) or problem}")


def _standard_input(stdin: BinaryIO | None, caps: Caps) -> Found:
    """What `-` means the first time it is named, then the refusals."""
    head, pieces = peeked(unpacked(_stream_pieces(stdin or sys.stdin.buffer), caps))
    if reason := refusal(kind_of(head), "is an archive or compressed twice; save it to a file and name that"):
        yield Unreadable("-", None, reason)
    else:
        yield Source("-", None, None, partial(_once, iter([pieces])))
    while True:
        yield Unreadable("-", None, _AGAIN)


def _stream_pieces(stream: BinaryIO) -> Iterator[bytes]:
    try:
        while piece := stream.read(PIECE):
            yield piece
    except OSError as problem:
        raise SourceError(f"can't be read: {problem.strerror}") from problem


def _once(waiting: Iterator[Iterator[bytes]]) -> Iterator[bytes]:
    for pieces in waiting:
        return pieces
    raise SourceError(f"standard input {_AGAIN}")


def _named(name: str, caps: Caps) -> Found:
    path = Path(name)
    if not name:  # an unset variable of a shell, not the directory at hand
        yield Unreadable(name, None, "is an empty name")
    elif path.is_dir():
        yield from _or_nothing(_below([path], path, caps), name, "is a directory without files")
    elif path.exists() or path.is_symlink():
        yield from _file(path, caps)
    elif _WILD.search(name):
        root, pattern = _split(path)
        yield from _or_nothing(_below(sorted(root.glob(pattern)), root, caps), name, "matches no file")
    elif _URL.match(name):
        yield Unreadable(name, None, "is a URL, and reading these is not available yet; save it to a file")
    else:
        yield Unreadable(name, None, "does not exist")


def _split(path: Path) -> tuple[Path, str]:
    """The directory in which a pattern starts, and the pattern."""
    wild = next(at for at, part in enumerate(path.parts) if _WILD.search(part))
    return Path(*path.parts[:wild]), str(Path(*path.parts[wild:]))


def _or_nothing(inputs: Found, name: str, reason: str) -> Found:
    yield next(inputs, Unreadable(name, None, reason))
    yield from inputs


def _below(tops: list[Path], root: Path, caps: Caps) -> Found:
    """The inputs at and below `tops`, sorted; no link leads out of `root`."""
    inside = root.resolve()
    waiting = tops[::-1]
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        try:
            if path == root or (path.is_dir() and not path.is_symlink()):
                waiting += sorted(path.iterdir(), reverse=True)
            else:
                yield from _entry(path, inside, caps)
        except (OSError, ValueError) as problem:
            yield _unreadable(str(path), problem)


def _entry(path: Path, inside: Path, caps: Caps) -> Found:
    target = Path(os.path.realpath(path, strict=True))
    if not target.is_relative_to(inside):
        yield Unreadable(str(path), None, "is a link out of the directory that was named; such links are not followed")
    elif not target.is_dir():
        yield from _file(path, caps)
    elif path.parent.resolve().is_relative_to(target):
        yield Unreadable(str(path), None, "is a link to a directory that holds it; such links are not followed")
    # any other link to a directory leads to files that are read where they stand


def _file(path: Path, caps: Caps) -> Found:
    """The inputs in one file: itself, or the members of an archive."""
    name, status = str(path), path.stat()
    if not stat.S_ISREG(status.st_mode):
        yield Unreadable(name, None, "is not a regular file; a pipe can be read as standard input, named -")
        return
    try:
        kind = kind_of(next(file_pieces(name), b""))
    except SourceError as problem:
        yield Unreadable(name, None, str(problem))
        return
    content = kind_of(peeked(_unpacked(name, caps))[0])
    if kind == "zip" or content == "tar":
        yield from members(name, "zip" if kind == "zip" else "tar", caps)
    elif reason := refusal(
        content, "is an archive or compressed twice, inside a compressed file; unpack it once first"
    ):
        yield Unreadable(name, None, reason)
    elif _ARCHIVE_NAME.search(name):
        yield Unreadable(name, None, "is named like an archive but is none, or is cut")
    else:
        yield Source(name, None, datetime.fromtimestamp(status.st_mtime, UTC), partial(_unpacked, name, caps))


def _unpacked(path: str, caps: Caps) -> Iterator[bytes]:
    return unpacked(file_pieces(path), caps)
