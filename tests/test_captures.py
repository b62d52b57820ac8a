"""Captures of the real client, kept beside the repository: both forms of a scenario tell the same."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support import BUILT_ON, PROVENANCE, TOLD, contents, new_store, only, rows, stored_halves, take_in
from wcsanalytics.intake import Settings
from wcsanalytics.lake import Lake

CAPTURES = Path(__file__).parents[1].parent / "shared" / "captures"
SCENARIOS = sorted(path.parent.name for path in CAPTURES.glob("*/rest.ndjson"))
FORMS = ("flashphoner.log", "rest.ndjson")
RECORDED = Settings(dates=(("*", date(2026, 11, 23)),), zones=(("*", ZoneInfo("UTC")),))
EXCHANGE = "hook, session_id, media_session_id, call_id, status, info, sent_at, answered_at, answer, answer_changes"

pytestmark = pytest.mark.skipif(not SCENARIOS, reason="the captures are not beside this repository")


def lake_over(scenario: str, form: str, folder: Path) -> Lake:
    store = new_store(folder)
    take_in(store, CAPTURES / scenario / form, settings=RECORDED)
    return Lake(store)


def halves_in(path: Path) -> int:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ndjson":
        return len(text.splitlines())
    return len(re.findall(r"(?m)(SEND|RECEIVED) REST OBJECT (==>|<==)$|Got exception in REST $", text))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_books_of_a_capture_balance(scenario: str, form: str, tmp_path: Path) -> None:
    store, path = new_store(tmp_path), CAPTURES / scenario / form
    (reading,) = take_in(store, path, settings=RECORDED).readings

    assert reading.problem is None
    assert reading.records == halves_in(path) > 0
    assert (reading.new, reading.counts.rejected, reading.counts.pending) == (stored_halves(store), 0, 0)
    assert reading.records == reading.new


COMPARED = tuple(view for view in TOLD if view not in ("server_log", "reconciliation"))
"""What both forms of a scenario tell: the log's own lines stand in one of them only."""

OF_ONE = ("sessions", "streams", "calls")
"""What is told of a scenario by itself, whose capture ends with it."""


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Lake]]:
    """A lake over the logs of all scenarios, and one over their captures."""
    stores = []
    for form in FORMS:
        stores.append(new_store(tmp_path_factory.mktemp("all")))
        take_in(stores[-1], *(CAPTURES / scenario / form for scenario in SCENARIOS), settings=RECORDED)
    with Lake(stores[0]) as log, Lake(stores[1]) as capture:
        for lake, name in product((log, capture), BUILT_ON):
            lake.keep(name, f'select * from main."{name}"', {})
        yield [log, capture]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_both_forms_of_a_scenario_tell_the_same_hooks(scenario: str, tmp_path: Path) -> None:
    for form in FORMS:
        (tmp_path / form).mkdir()
    with (
        lake_over(scenario, FORMS[0], tmp_path / FORMS[0]) as log,
        lake_over(scenario, FORMS[1], tmp_path / FORMS[1]) as capture,
    ):
        by_log, by_capture = (contents(lake, PROVENANCE | {"thread"}, OF_ONE) for lake in (log, capture))
        assert rows(log, "hooks", EXCHANGE) == rows(capture, "hooks", EXCHANGE)
        assert only(log, "hooks where answer <> 'echo'", "count(*)") == (0,)

    assert by_log == by_capture


@pytest.mark.parametrize("view", COMPARED)
def test_both_forms_of_all_scenarios_tell_the_same(lakes: list[Lake], view: str) -> None:
    by_log, by_capture = (contents(lake, PROVENANCE | {"thread"}, [view]) for lake in lakes)

    assert by_log == by_capture


def test_both_forms_of_all_scenarios_agree_alike(lakes: list[Lake]) -> None:
    by_log, by_capture = (rows(lake, "reconciliation", "about, id, agrees, differs, told_by") for lake in lakes)

    assert [row[:-1] for row in by_log] == [row[:-1] for row in by_capture]
    assert {row[-1].split(",")[0] for row in by_log} <= {"server_log"}
    assert {row[-1].split(",")[0] for row in by_capture} <= {"hook_capture"}
