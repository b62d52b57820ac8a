"""A capture that is cut, rotated and read in any order tells the same as the whole."""

import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sample_data.generate import generate
from tests.support import contents, new_store, take_in
from wcsanalytics.intake import Settings
from wcsanalytics.lake import Lake

BERLIN = Settings(dates=(("*", date(2026, 3, 14)),), zones=(("*", ZoneInfo("Europe/Berlin")),))
UNDATED = Settings()


@pytest.fixture(scope="module")
def small_day(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bytes, list[int], Settings]]:
    """A short day in both forms: its bytes, where a rotation may cut them, and how to read them."""
    folder = tmp_path_factory.mktemp("small")
    generate(folder, sessions=24, seed=5)
    log = (folder / "day" / "flashphoner.log.2026-03-14").read_bytes()
    capture = (folder / "backend" / "hooks.ndjson").read_bytes()
    events = [match.start() for match in re.finditer(rb"(?m)^\d\d:\d\d:\d\d,\d{3} ", log)]
    lines = [match.end() for match in re.finditer(rb"\n", capture)][:-1]
    return {"log": (log, events[1:], BERLIN), "capture": (capture, lines, UNDATED)}


def told_by(folder: Path, parts: list[tuple[str, bytes]], settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    store = new_store(folder)
    for name, part in parts:
        (folder / name).write_bytes(part)
        take_in(store, folder / name, settings=settings)
    with Lake(store) as lake:
        return contents(lake)


@pytest.fixture(scope="module")
def whole(
    small_day: dict[str, tuple[bytes, list[int], Settings]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, list[tuple[object, ...]]]]:
    return {
        form: told_by(tmp_path_factory.mktemp("whole"), [(form, data)], settings)
        for form, (data, _, settings) in small_day.items()
    }


@pytest.mark.parametrize("form", ["log", "capture"])
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_parts_in_any_order_tell_the_same_as_the_whole(form, data, small_day, whole, tmp_path_factory) -> None:
    text, borders, settings = small_day[form]
    cuts = sorted(data.draw(st.sets(st.sampled_from(borders), min_size=1, max_size=4), label="cuts"))
    edges = [0, *cuts, len(text)]
    parts = [(f"hooks.log.{n}", text[a:b]) for n, (a, b) in enumerate(pairwise(edges))]
    order = data.draw(st.permutations(parts), label="order")

    found = told_by(tmp_path_factory.mktemp("parts"), order, settings)

    for view, rows in whole[form].items():
        assert found[view] == rows, view
