"""Inputs of any size: the sample generator's day, spoiled here and there as real logs are."""

from __future__ import annotations

import random
import re
from pathlib import Path

from sample_data.generate import generate

LOG_BYTES_A_SESSION = 18_000
"""About what one session leaves in the server log."""

_BLOCK = re.compile(rb"(?m)^\d\d:\d\d:\d\d,\d{3} .* REST OBJECT .*\n")


def made(folder: Path, megabytes: int) -> Path:
    """A folder with `day/` and `backend/` of about that size of log; made once."""
    target = folder / f"{megabytes}mb"
    if not (target / "spoiled.log").exists():
        target.mkdir(parents=True, exist_ok=True)
        generate(target, sessions=max(61, megabytes * 1_000_000 // LOG_BYTES_A_SESSION))
        spoil(next((target / "day").glob("flashphoner.log.*")), target / "spoiled.log")
    return target


def spoil(log: Path, out: Path, seed: int = 1) -> None:
    """A copy of the log with a block torn, an unknown key, a drifted type or a foreign line in each thousand blocks."""
    chance = random.Random(seed)
    with log.open("rb") as source, out.open("wb") as target:
        block: list[bytes] = []
        for line in source:
            if _BLOCK.match(line):
                target.write(_spoiled(block, chance))
                block = []
            block.append(line)
        target.write(_spoiled(block, chance))


def _spoiled(block: list[bytes], chance: random.Random) -> bytes:
    how = chance.random()
    if how > 0.004 or len(block) < 8 or not _BLOCK.match(block[0]):
        return b"".join(block)
    if how < 0.001:  # torn
        return b"".join(block[: chance.randrange(1, 6)])
    if how < 0.002:  # a key that no version knows
        return b"".join([*block[:4], b'  "laterKey" : { "deep" : [ 1, 2 ] },\n', *block[4:]])
    if how < 0.003:  # numbers and booleans as text
        return re.sub(rb'" : (true|false|\d+)(,?\n)', rb'" : "\1"\2', b"".join(block))
    return b"".join([*block, b"        at com.example.Foreign.line(Foreign.java:1)\n"])
