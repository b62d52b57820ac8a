"""Bytes as they come: from files, out of gz and zst, never far out of proportion to what is stored."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Generator, Iterator
from itertools import chain
from pathlib import Path

import pyarrow as pa

from wcsanalytics.errors import SourceError
from wcsanalytics.sources.caps import USUAL, Caps

CHUNK = 4 << 20  # what a format reads at a time: large enough for columns, small enough for memory
PIECE = 256 << 10  # what moves between the layers below a chunk
FED = 16 << 10  # compressed bytes taken at a time, so that a bomb is noticed within FED x ratio bytes
HEAD = 512  # enough to tell every kind: a tar header is the longest

_KINDS = (
    ("gz", re.compile(rb"\x1f\x8b\x08")),
    ("zst", re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")),  # a frame, or one to be skipped
    ("zip", re.compile(rb"PK(\x03\x04|\x05\x06|\x07\x08)")),
    ("tar", re.compile(rb"(?s).{257}ustar")),
    ("utf-16", re.compile(rb"\xff\xfe[^\0]\0|\xfe\xff\0[^\0]|(?:[\t-~]\0){16}|(?:\0[\t-~]){16}")),
)
_GZ = b"\x1f\x8b\x08"
_GZ_MEMBER = 31  # zlib's window bits for a gzip header, deflate and a checksum
_DEFLATE = -15  # the same for deflate alone

Unpack = Callable[[Iterator[bytes]], Iterator[bytes]]


def kind_of(head: bytes) -> str:
    """What the first HEAD bytes belong to: gz, zst, zip, tar, utf-16 or plain."""
    return next((kind for kind, magic in _KINDS if magic.match(head)), "plain")


def refusal(kind: str, packed: str) -> str | None:
    """Why what is of this kind, once unpacked, is not read; `packed` says why it is not if it is packed still."""
    if kind == "utf-16":
        return "looks like UTF-16; convert it to UTF-8 first"
    return None if kind == "plain" else packed


def file_pieces(path: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """The bytes of a file from `start` on; SourceError if it can't be read or ends before `length`.

    The first piece is a small one, by which a file can be told; the others make up chunks, which need not be copied.
    """
    left, passed = length, 0
    try:
        with Path(path).open("rb", buffering=0) as file:
            file.seek(start)
            while piece := file.read(min(CHUNK - passed % CHUNK if passed else PIECE, CHUNK if left is None else left)):
                left = None if left is None else left - len(piece)
                passed += len(piece)
                yield piece
    except OSError as problem:
        raise SourceError(f"can't be read: {problem.strerror}") from problem
    if left:
        raise SourceError(f"is cut, {left} bytes are missing")


def file_chunks(path: str, start: int, stop: int) -> Iterator[bytes]:
    """The bytes of a file from `start` to `stop`, CHUNK at a time; SourceError if it can't be read or is cut."""
    return regrouped(file_pieces(path, start, stop - start), CHUNK)


def is_plain(path: str) -> bool:
    """Whether the bytes of a file are read as they stand, and can be read from any place."""
    return (
        Path(path).is_file()
        and kind_of(b"".join(file_pieces(path, 0, min(HEAD, Path(path).stat().st_size)))) == "plain"
    )


def regrouped(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in portions of `size`; a break is passed on after what came before it."""
    held: list[bytes] = []
    room = size
    try:
        for piece in pieces:
            start = 0
            while len(piece) - start >= room:
                held.append(piece[start : start + room])
                start += room
                yield b"".join(held)
                held, room = [], size
            if start < len(piece):
                held.append(piece[start:])
                room -= len(piece) - start
    except SourceError:
        if held:
            yield b"".join(held)
        raise
    if held:
        yield b"".join(held)


def peeked(pieces: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes (HEAD or more unless there are fewer), and the stream with them still in front."""
    first: list[bytes] = []
    try:
        while sum(map(len, first)) < HEAD and (piece := next(pieces, b"")):
            first.append(piece)
    except SourceError as problem:
        return b"".join(first), _broken_after(first, problem)
    return b"".join(first), chain(first, pieces)


def _broken_after(pieces: list[bytes], problem: SourceError) -> Iterator[bytes]:
    yield from pieces
    raise problem


def unpacked(pieces: Iterator[bytes], caps: Caps = USUAL) -> Iterator[bytes]:
    """The bytes without their gz or zst layer, which the first bytes tell; any others as they are."""
    head, pieces = peeked(pieces)
    kind = kind_of(head)
    if kind == "gz":
        return _in_proportion(_gunzipped, pieces, caps.gz_ratio, caps)
    if kind == "zst":
        return _in_proportion(_unzstd, pieces, caps.zst_ratio, caps)
    return pieces


def inflated(pieces: Iterator[bytes], caps: Caps = USUAL) -> Iterator[bytes]:
    """The bytes of a deflate stream without header, as a zip holds them."""
    return _in_proportion(_inflate, pieces, caps.gz_ratio, caps)


def _in_proportion(unpack: Unpack, pieces: Iterator[bytes], ratio: int, caps: Caps) -> Iterator[bytes]:
    """What `unpack` makes, until it is more than `ratio` times what it was fed, or more than may be at all."""
    fed = made = 0

    def feed() -> Iterator[bytes]:
        nonlocal fed
        for piece in pieces:
            for start in range(0, len(piece), FED):
                part = piece[start : start + FED]
                fed += len(part)
                yield part

    for piece in unpack(feed()):
        made += len(piece)
        if made > caps.free_bytes and made > ratio * fed:
            raise SourceError(f"unfolds to more than {ratio} times its size, as no log does")
        if made > caps.unfolded_bytes:
            raise SourceError(f"unfolds to more than {caps.unfolded_bytes} bytes; --cap unfolded_bytes=N allows more")
        yield piece


def _gunzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = _next_member(b"", pieces)
    while rest:
        if not rest.startswith(_GZ):
            raise SourceError("its gzip data are followed by other bytes")
        rest = _next_member((yield from _inflated(rest, pieces, _GZ_MEMBER)), pieces)


def _next_member(rest: bytes, pieces: Iterator[bytes]) -> bytes:
    """The bytes from the next gzip member on: zeros between and after members are padding."""
    rest = rest.lstrip(b"\0")
    while len(rest) < len(_GZ) and (more := next(pieces, b"")):
        rest = (rest + more).lstrip(b"\0")
    return rest


def _inflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield from _inflated(b"", pieces, _DEFLATE)


def _inflated(data: bytes, pieces: Iterator[bytes], window_bits: int) -> Generator[bytes, None, bytes]:
    """The bytes of one deflate stream; returns the stored bytes that follow it."""
    engine = zlib.decompressobj(window_bits)
    while not engine.eof:
        data = data or next(pieces, b"")
        before = engine.copy()
        try:
            made = engine.decompress(data, PIECE)
        except zlib.error as problem:
            yield from _up_to_break(before, data)
            raise SourceError(f"its compressed data are damaged ({problem})") from problem
        if made:
            yield made
        elif not data and not engine.eof:
            raise SourceError("its compressed data are cut")
        data = engine.unconsumed_tail
    return engine.unused_data


def _up_to_break(engine: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """What damaged data still give: zlib withholds all output of the call in which it finds the damage."""
    for at in range(len(data)):
        try:
            made = engine.decompress(data[at : at + 1])
        except zlib.error:
            return
        if made:
            yield made


class _Feed:
    """Pieces in the shape of a file, for pyarrow to read from."""

    closed = False

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""

    def read(self, size: int) -> bytes:
        held = self._held or next(self._pieces, b"")
        self._held = held[size:]
        return held[:size]

    def close(self) -> None:
        """Nothing to close: the pieces close their file."""


def _unzstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    stream = pa.CompressedInputStream(pa.PythonFile(_Feed(pieces), mode="r"), "zstd")
    while True:
        buffer = bytearray(PIECE)
        try:
            size = stream.readinto(buffer)
        except (OSError, SourceError) as problem:
            # pyarrow leaves in the buffer what came before the break, without a count
            if before := bytes(buffer).rstrip(b"\0"):
                yield before
            if isinstance(problem, SourceError):
                raise
            raise SourceError(f"its zst data are cut or damaged ({problem})") from problem
        if not size:
            return
        yield bytes(memoryview(buffer)[:size])
