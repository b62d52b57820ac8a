"""Inputs of any size: a busy day of the sample generator, spoiled here and there as real logs are."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from sample_data.generate import generate

LOG_BYTES_A_SESSION = 114_000
"""About what one session of a busy day leaves in the server log."""

FEWEST_SESSIONS = 16

_HEADER = re.compile(rb"\d\d:\d\d:\d\d,\d{3} .* REST OBJECT .*\n")
_PLAIN = re.compile(rb'" : (true|false|\d+)(,?\n)')
_PLAIN_COMPACT = re.compile(rb'":(true|false|\d+)([,}])')


class Inputs(NamedTuple):
    """One busy day in both forms, spoiled, and how many halves of exchanges the log holds."""

    log: Path
    ndjson: Path
    halves: int


def made(folder: Path, megabytes: float) -> Inputs:
    """A busy day of about that size of log, and the capture of the same exchanges; made once."""
    target = folder / f"busy-{megabytes:g}mb"
    done = target / "halves"
    if not done.exists():
        sessions = max(FEWEST_SESSIONS, round(megabytes * 1_000_000 / LOG_BYTES_A_SESSION))
        generate(target, sessions=sessions, busy=True)
        halves = spoil_log(next((target / "day").glob("flashphoner.log.*")), target / "spoiled.log")
        spoil_capture(target / "backend" / "hooks.ndjson", target / "spoiled.ndjson")
        for name in ("day", "backend"):
            shutil.rmtree(target / name)
        done.write_text(f"{halves}\n")
    return Inputs(target / "spoiled.log", target / "spoiled.ndjson", int(done.read_text()))


def spoil_log(log: Path, out: Path, seed: int = 1) -> int:
    """A copy of the log with faults, and how many blocks it has.

    Of a thousand blocks one is torn, one is followed by a foreign line, five have an unknown key, and in one of two
    thousand numbers and booleans are text. Stretches of the file end their lines as Windows does.
    """
    chance, blocks = random.Random(seed), 0
    with log.open("rb") as source, out.open("wb") as target:
        block: list[bytes] = []
        stretch = 0
        for line in source:
            if line[2:3] == b":" and _HEADER.match(line):
                target.write(_ended(_spoiled(block, chance), stretch > 0))
                blocks, block = blocks + 1, []
                stretch = stretch - 1 if stretch else chance.randrange(20, 200) * (chance.random() < 0.0002)
            block.append(line)
        target.write(_ended(_spoiled(block, chance), stretch > 0))
    return blocks


def _ended(text: bytes, as_windows: bool) -> bytes:
    return text.replace(b"\n", b"\r\n") if as_windows else text


def _spoiled(block: list[bytes], chance: random.Random) -> bytes:
    how = chance.random()
    if how > 0.0075 or len(block) < 8 or not _HEADER.match(block[0]):
        return b"".join(block)
    if how < 0.001:  # torn
        return b"".join(block[: chance.randrange(1, 6)])
    if how < 0.002:
        end = block.index(b"}\n") + 1
        return b"".join([*block[:end], b"        at com.example.Foreign.line(Foreign.java:1)\n", *block[end:]])
    if how < 0.007:  # a key that no version knows
        return b"".join([*block[:4], b'  "laterKey" : { "deep" : [ 1, 2 ] },\n', *block[4:]])
    return _PLAIN.sub(rb'" : "\1"\2', b"".join(block))


def spoil_capture(capture: Path, out: Path, seed: int = 1) -> None:
    """A copy of the capture with unknown keys and drifted types as often as in the log."""
    chance = random.Random(seed)
    with capture.open("rb") as source, out.open("wb") as target:
        for line in source:
            how = chance.random()
            if how < 0.005:
                line = line.replace(b'"body":{', b'"body":{"laterKey":{"deep":[1,2]},', 1)
            elif how < 0.0055:
                line = _PLAIN_COMPACT.sub(rb'":"\1"\2', line)
            target.write(line)
