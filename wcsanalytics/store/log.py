"""The commit log: one JSON file a commit, created only if absent, that names every part it adds or takes away."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import msgspec

from wcsanalytics.errors import StoreError
from wcsanalytics.store.steps import step

STORE_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One immutable Parquet file of one table; `path` is relative to the store, `columns` a digest of its columns."""

    table: str
    path: str
    rows: int
    size: int
    sha256: str
    columns: str = ""
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What was found in a stretch of a source. `parsed` counts halves that could be read.

    `known` of these another source had told before; `forgotten_rows` are rows that were left out, since the store is
    to have forgotten them.
    """

    halves: int = 0
    pairs: int = 0
    kept: int = 0
    rejected: int = 0
    pending: int = 0
    other_lines: int = 0
    forgotten_rows: int = 0
    known: int = 0

    @property
    def parsed(self) -> int:
        """Halves that could be read, alone or in a pair."""
        return 2 * self.pairs + self.kept

    @property
    def new(self) -> int:
        """Halves that no source had told before."""
        return self.parsed - self.known


Telling = tuple[int | None, int | None, int | None, int | None]
"""A record by what it says: hash of the request, when it was sent (µs by the source's clock), and so of the reply."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One reading of a lineage: the content's identity up to `size`, and where the next reading goes on.

    `head` is the SHA-256 of the first `head_size` decompressed bytes, `digest` the BLAKE3 of the first `size` of them;
    `resume` is the reader's state; `provisional` names parts whose rows the next reading makes anew; `given_away` is
    what it told last and another lineage keeps.
    """

    source_id: str
    format: str
    head: str
    head_size: int
    size: int
    digest: str
    counts: Counts
    resume: dict[str, str | int | None]
    nodes: tuple[str, ...] = ()
    provisional: tuple[str, ...] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None
    complete: bool = True
    why_incomplete: str | None = None
    doubts: tuple[str, ...] = ()
    given_away: tuple[Telling, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceName:
    """A name under which a lineage was seen."""

    source_id: str
    path: str
    member: str | None


@dataclass(frozen=True, slots=True)
class Term:
    """Something that is not to be stored again: keyed digests of its first word and of all its `words` in a row.

    Where it is not `anywhere`, it is too common a word to be looked for where it stands alone among others.
    `since` and `until` bound the time of what it stands for.
    """

    first: str
    words: int
    digest: str
    anywhere: bool = True
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What the store has forgotten for good, without its names: terms digested under `key`, and all `before` a time."""

    key: str
    terms: tuple[Term, ...] = ()
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """One atomic change of the store.

    One that `restarts` tells all that the store holds: earlier ones count no more. `identifiers` says what became of
    persons and addresses: keep, drop, or hmac with the fingerprint of the key. `checksum` is the SHA-256 of the file
    with nothing in its place.
    """

    number: int
    committed_at: datetime
    parts: tuple[Part, ...] = ()
    removed: tuple[str, ...] = ()
    segments: tuple[Segment, ...] = ()
    names: tuple[SourceName, ...] = ()
    format: int = STORE_FORMAT
    identifiers: str = ""
    restarts: bool = False
    forgotten: Forgotten | None = None
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the store holds after a commit: nothing of later ones is seen."""

    number: int = 0
    parts: tuple[Part, ...] = ()
    segments: tuple[Segment, ...] = ()
    names: tuple[SourceName, ...] = ()
    commits: tuple[Commit, ...] = field(default=(), repr=False)
    identifiers: str = ""
    forgotten: Forgotten | None = None

    def latest(self) -> dict[str, Segment]:
        """The last reading of each lineage."""
        return {segment.source_id: segment for segment in self.segments}

    @property
    def last_at(self) -> datetime | None:
        """Instant of the last record; None where none has one."""
        return max((segment.last_at for segment in self.segments if segment.last_at), default=None)


def snapshot(commits: Iterable[Commit]) -> Snapshot:
    """The state after these commits, in their order."""
    done = tuple(commits)
    removed = {path for commit in done for path in commit.removed}
    return Snapshot(
        done[-1].number if done else 0,
        tuple(part for commit in done for part in commit.parts if part.path not in removed),
        tuple(segment for commit in done for segment in commit.segments),
        tuple(name for commit in done for name in commit.names),
        done,
        next((commit.identifiers for commit in reversed(done) if commit.identifiers), ""),
        next((commit.forgotten for commit in reversed(done) if commit.forgotten), None),
    )


def commit_path(store: Path, number: int) -> Path:
    """File of a commit."""
    return store / "commits" / f"{number:08d}.json"


def read_commits(store: Path) -> list[Commit]:
    """All commits that count. Raises StoreError if one is damaged, missing or of a newer version."""
    listed: list[Path] = []
    while True:
        before, listed = listed, sorted((store / "commits").glob("[0-9]*.json"))
        try:
            commits = _since_restart([_read_commit(store, path) for path in listed])
        except FileNotFoundError:
            commits = []
        missing = _missing(commits)
        if commits and missing is None:
            return commits
        if listed == before:  # else a writer has just taken earlier commits away
            if missing is not None:
                raise StoreError(f"{store}: commit {missing} is missing; the store is damaged")
            return commits


def _read_commit(store: Path, path: Path) -> Commit:
    try:
        raw = path.read_bytes()
        version = msgspec.json.decode(raw).get("format", 0)
        if version > STORE_FORMAT:
            raise StoreError(f"{store}: the store is of version {version}; this program knows {STORE_FORMAT}")
        commit = msgspec.json.decode(raw, type=Commit)
    except FileNotFoundError:
        raise
    except (msgspec.MsgspecError, AttributeError, TypeError, OSError) as problem:
        raise StoreError(f"{path}: this commit can't be read; the store is damaged") from problem
    if commit.checksum and _checksum(raw.replace(commit.checksum.encode(), b"", 1)) != commit.checksum:
        raise StoreError(f"{path}: this commit was changed; the store is damaged")
    return commit


def _since_restart(commits: list[Commit]) -> list[Commit]:
    restarts = [place for place, commit in enumerate(commits) if commit.restarts]
    return commits[restarts[-1] :] if restarts else commits


def _missing(commits: list[Commit]) -> int | None:
    """The first number that no commit has."""
    first = commits[0].number if commits and commits[0].restarts else 1
    wrong = (expected for expected, commit in enumerate(commits, first) if commit.number != expected)
    return next(wrong, None)


def _checksum(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _encoded(commit: Commit) -> bytes:
    """The text of a commit with its checksum."""
    plain = msgspec.json.format(msgspec.json.encode(replace(commit, checksum="")), indent=1)
    return msgspec.json.format(msgspec.json.encode(replace(commit, checksum=_checksum(plain))), indent=1)


def is_left_over(path: Path, current: Snapshot) -> bool:
    """Whether a file among the commits is none, or none that counts."""
    first = current.commits[0].number if current.commits else 1
    return path.suffix == ".tmp" or (path.stem.isdigit() and int(path.stem) < first)


def publish(store: Path, commit: Commit) -> None:
    """Make the commit visible, all of it or nothing. Raises StoreError if its number is taken."""
    final = commit_path(store, commit.number)
    temporary = final.with_suffix(".tmp")
    step("write commit")
    temporary.touch(mode=0o600)
    with temporary.open("wb") as file:
        file.write(_encoded(commit))
        file.flush()
        os.fsync(file.fileno())
    step("publish commit")
    try:
        os.link(temporary, final)
    except FileExistsError:
        raise StoreError(f"{store}: another program wrote commit {commit.number}; nothing was changed") from None
    step("flush commit")
    flush_directory(final.parent)
    with suppress(OSError):  # the commit stands; the next writer sweeps what is left
        temporary.unlink()


def flush_directory(path: Path) -> None:
    """Make the names in a directory last."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
