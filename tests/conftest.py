"""Hypothesis repeats itself and watches no clock; `read` reads bytes by a format as the intake does.

`sample_store` is a store of the sample day, `run` runs the program in this process.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings

from wcsanalytics import api
from wcsanalytics.cli import main
from wcsanalytics.formats import FORMATS, Context, Options, Resume

settings.register_profile("repeatable", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")

A_DAY = Options(date=date(2026, 3, 14), zone=ZoneInfo("UTC"))


class Reading(NamedTuple):
    """What came out of one input: rows of all tables in the order of their places, without their nulls."""

    rows: list[dict[str, Any]]
    context: Context

    def of(self, *tables: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["table"] in tables]

    @property
    def hooks(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["table"].endswith("_hooks")]


def _read(
    format_name: str,
    data: bytes | Iterable[bytes],
    options: Options = A_DAY,
    resume: Resume | None = None,
    file_name: str = "",
    mtime: datetime | None = None,
) -> Reading:
    chunks = [data] if isinstance(data, bytes) else data
    context = Context("source", file_name, mtime, options, resume or Resume())
    format_ = next(format_ for format_ in FORMATS if format_.name == format_name)
    rows = [
        {"table": table, **{name: value for name, value in row.items() if value is not None}}
        for table, batch in format_.read(iter(chunks), context)
        for row in batch.to_pylist()
    ]
    assert context.books.balanced(), context.books
    return Reading(sorted(rows, key=lambda row: (row["byte_offset"], row["table"])), context)


@pytest.fixture(scope="session")
def read() -> Callable[..., Reading]:
    return _read


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("sample") / "store"
    api.ingest(Path(__file__).parents[1] / "sample_data" / "day", store, tz="Europe/Berlin")
    return store


class Run(NamedTuple):
    """What the program did."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    def program(*words: str | Path) -> Run:
        capfdbinary.readouterr()
        monkeypatch.setattr(sys, "argv", ["wcsanalytics", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfdbinary.readouterr()
        return Run(int(ended.value.code or 0), out.decode(), err.decode())

    return program
