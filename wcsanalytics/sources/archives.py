"""Members of zip and tar archives, streamed where they stand: nothing is ever extracted.

An archive that is a member of an archive is read too, one level deep: a tar is streamed, a zip held in memory.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

from wcsanalytics.errors import SourceError
from wcsanalytics.sources.caps import USUAL, Caps
from wcsanalytics.sources.source import Source, Unreadable
from wcsanalytics.sources.streams import PIECE, file_pieces, inflated, kind_of, peeked, refusal, unpacked

BACK = 8 << 20  # so much of a compressed tar stays at hand: most members can be read twice at no cost
LONGEST_HEADER = 1 << 20  # a tar header may claim any length, and is read whole

_DAMAGED = (  # what zipfile and tarfile are known to raise on hostile bytes
    zipfile.BadZipFile,
    tarfile.TarError,
    SourceError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    OverflowError,
    NotImplementedError,
    RecursionError,
    struct.error,
)
_NOT_INSIDE = re.compile(r"^[/\\]|^[A-Za-z]:|\\|\0|(^|/)\.\.(/|$)|^$")

_PACKED = "is an archive or compressed twice, inside an archive; unpack the outer one first"

Open = Callable[[], Iterator[bytes]]
Pieces = Callable[[int, int], Iterator[bytes]]  # bytes from a place on, of that length
Key = tuple[int, ...]  # the member's number, below that of the archive it stands in
Members = Iterator[Source | Unreadable | None]  # None for a directory


@dataclass(slots=True)
class _Budget:
    """What all members of an archive may unfold to, however compression is stacked or members overlap."""

    left: int
    ratio: int
    reached: dict[Key, int] = field(default_factory=dict)

    def spend(self, key: Key, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Pass the bytes of one member; what was read before is not charged again."""
        made = 0
        for piece in pieces:
            made += len(piece)
            more = max(0, made - self.reached.get(key, 0))
            self.reached[key] = made if more else self.reached[key]
            self.left -= more
            if self.left < 0:
                raise SourceError(f"its archive unfolds to more than {self.ratio} times its size, as no logs do")
            yield piece


@dataclass(frozen=True, slots=True)
class _Archive:
    """The archive whose members are being made sources; `key` and `prefix` tell one that is itself a member."""

    path: str
    budget: _Budget
    caps: Caps
    key: Key = ()
    prefix: str = ""

    def member(self, name: str, mtime: datetime | None, number: int, stored: Open) -> Members:
        """A source for the bytes of one member, or those of an archive within the archive."""
        key = (*self.key, number)
        opened = partial(_unpacked, self, key, stored)
        kind = kind_of(peeked(opened())[0])
        if kind in ("zip", "tar") and not self.prefix:
            inner = replace(self, key=key, prefix=f"{name}!")
            yield from _listed(inner, _zip_within(inner, opened) if kind == "zip" else _tar_members(inner, opened))
        elif reason := refusal(kind, _PACKED):
            yield self.refused(name, reason)
        else:
            yield Source(self.path, self.prefix + name, mtime, opened)

    def refused(self, name: str | None, reason: str) -> Unreadable:
        member = self.prefix.removesuffix("!") or None if name is None else self.prefix + name
        return Unreadable(self.path, member, reason)


def _unpacked(archive: _Archive, key: Key, stored: Open) -> Iterator[bytes]:
    return archive.budget.spend(key, unpacked(stored(), archive.caps))


def members(path: str, kind: str, caps: Caps = USUAL) -> Iterator[Source | Unreadable]:
    """The members of the archive at `path`, of kind "zip" or "tar", in their order."""
    budget = _Budget(caps.free_bytes + caps.archive_ratio * Path(path).stat().st_size, caps.archive_ratio)
    archive = _Archive(path, budget, caps)
    if kind == "zip":
        return _listed(archive, _zip_members(archive, path, partial(file_pieces, path)))
    head, _ = peeked(file_pieces(path))
    pieces = partial(file_pieces, path) if kind_of(head) == "tar" else None
    return _listed(archive, _tar_members(archive, lambda: unpacked(file_pieces(path), caps), pieces))


def _listed(archive: _Archive, found: Members) -> Iterator[Source | Unreadable]:
    """The members found, up to a limit, and what stopped the search."""
    most = archive.caps.members
    empty = True
    try:
        for count, member in enumerate(found):
            if count == most:
                yield archive.refused(None, f"holds more than {most} members; the others were not read")
                return
            if member is not None:
                empty = False
                yield member
    except _DAMAGED as problem:
        yield archive.refused(None, f"can't be read further: {problem}")
        return
    if empty:
        yield archive.refused(None, "is an archive without files")


def _refusal(name: str, mode: int) -> str | None:
    """Why a member is not read, or None; `mode` is its file type as of stat, 0 if the archive tells none."""
    if _NOT_INSIDE.search(name):
        return "has a name that points out of its archive"
    if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link, a device or a pipe, not a file"
    return None


def _zip_within(archive: _Archive, opened: Open) -> Members:
    """The members of a zip that is itself a member."""
    data, most = bytearray(), archive.caps.nested_bytes
    for piece in opened():
        data += piece
        if len(data) > most:
            yield archive.refused(None, f"is an archive of more than {most} bytes inside an archive; unpack it first")
            return
    yield from _zip_members(
        archive, io.BytesIO(data), lambda start, length: iter([bytes(data[start : start + length])])
    )


def _zip_members(archive: _Archive, file: str | io.BytesIO, pieces: Pieces) -> Members:
    with zipfile.ZipFile(file) as opened:
        directory = opened.infolist()
    for key, info in enumerate(directory):
        name = info.orig_filename
        if reason := _refusal(name, stat.S_IFMT(info.external_attr >> 16)):
            yield archive.refused(name, reason)
        elif info.is_dir():
            yield None
        elif info.flag_bits & 0x41:
            yield archive.refused(name, "is encrypted")
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            yield archive.refused(name, f"is compressed by method {info.compress_type}, which can't be read")
        else:
            yield from archive.member(name, _zip_time(info), key, partial(_zip_bytes, archive.caps, pieces, info))


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
    """The member's time, taken as UTC: a zip tells the packer's local time, as the lines of its logs do."""
    try:
        at = datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return None
    return at if at.year >= 1990 else None


def _zip_bytes(caps: Caps, pieces: Pieces, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a zip's member. zipfile would withhold those before a break."""
    header = b"".join(pieces(info.header_offset, 30))
    if not header.startswith(b"PK\x03\x04"):
        raise SourceError("its header in the archive is damaged")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    start = info.header_offset + 30 + name_length + extra_length
    stored = pieces(start, info.compress_size)
    checksum = 0
    for piece in inflated(stored, caps) if info.compress_type == zipfile.ZIP_DEFLATED else stored:
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if checksum != info.CRC:
        raise SourceError("its bytes don't match their checksum")


class _Window:
    """A stream read at any place, as a file: forward by skipping, back by at most BACK, else by starting over."""

    def __init__(self, opened: Open) -> None:
        self._opened = opened
        self._at = 0
        self._start_over()

    def _start_over(self) -> None:
        self._pieces = self._opened()
        self._held = bytearray()
        self._from = 0
        self._broken: SourceError | None = None

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int) -> int:
        self._at = offset
        return offset

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; a break in the stream is raised once nothing is left before it."""
        if not 0 <= size <= LONGEST_HEADER or self._at < 0:
            raise SourceError("a header claims an impossible length")
        if self._at < self._from:
            self._start_over()
        while self._from + len(self._held) < self._at + size and self._pull():
            pass
        start = self._at - self._from
        got = bytes(self._held[start : start + size])
        if size and not got and self._broken:
            raise self._broken
        self._at += len(got)
        return got

    def _pull(self) -> bool:
        try:
            piece = next(self._pieces, b"")
        except SourceError as problem:
            self._broken = problem
            return False
        self._held += piece
        surplus = min(len(self._held) - BACK, self._at - self._from)
        if surplus > 0:
            del self._held[:surplus]
            self._from += surplus
        return bool(piece)


def _tar_members(archive: _Archive, unpacked_tar: Open, pieces: Pieces | None = None) -> Members:
    """The members of a tar, from its place where that can be read at will, else streamed."""
    window = _Window(unpacked_tar)
    with tarfile.open(fileobj=cast("tarfile._Fileobj", window), mode="r:") as opened:
        for info in opened:
            mode = stat.S_IFREG if info.isreg() else stat.S_IFDIR if info.isdir() else stat.S_IFLNK
            if reason := _refusal(info.name, mode):
                yield archive.refused(info.name, reason)
            elif info.issparse():
                yield archive.refused(info.name, "is stored with holes, which can't be read")
            elif info.isdir():
                yield None
            else:
                place = (info.offset_data, info.size)
                stored = partial(pieces, *place) if pieces else partial(_tar_bytes, window, *place)
                yield from archive.member(info.name, _tar_time(info), info.offset, stored)
        _expect_end(window, opened.offset)


def _expect_end(window: _Window, offset: int) -> None:
    """Raise SourceError unless a tar ends in its mark: tarfile takes a damaged header for the end."""
    window.seek(offset)
    if window.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise SourceError("it lacks the end mark, so it is cut or damaged")


def _tar_time(info: tarfile.TarInfo) -> datetime | None:
    try:
        at = datetime.fromtimestamp(info.mtime, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.year >= 1990 else None


def _tar_bytes(window: _Window, start: int, size: int) -> Iterator[bytes]:
    at, end = start, start + size
    while at < end:
        window.seek(at)
        piece = window.read(min(PIECE, end - at))
        if not piece:
            raise SourceError(f"is cut, {end - at} bytes are missing")
        at += len(piece)
        yield piece
