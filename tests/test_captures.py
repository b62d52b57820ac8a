"""Captures of the real client, kept beside the repository: both forms of a scenario tell the same."""

import re
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support import PROVENANCE, TOLD, contents, new_store, only, rows, stored_halves, take_in
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


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_both_forms_of_a_scenario_tell_the_same(scenario: str, tmp_path: Path) -> None:
    for form in FORMS:
        (tmp_path / form).mkdir()
    with (
        lake_over(scenario, FORMS[0], tmp_path / FORMS[0]) as log,
        lake_over(scenario, FORMS[1], tmp_path / FORMS[1]) as capture,
    ):
        assert rows(log, "hooks", EXCHANGE) == rows(capture, "hooks", EXCHANGE)
        by_log, by_capture = (contents(lake, PROVENANCE | {"thread"}, COMPARED) for lake in (log, capture))
        assert only(log, "hooks where answer <> 'echo'", "count(*)") == (0,)
        known = "about, id, agrees, differs, told_by"
        agreed, agreed_by_capture = (rows(lake, "reconciliation", known) for lake in (log, capture))

    assert by_log == by_capture
    assert [row[:-1] for row in agreed] == [row[:-1] for row in agreed_by_capture]
    assert {row[-1].split(",")[0] for row in agreed} <= {"server_log"}
    assert {row[-1].split(",")[0] for row in agreed_by_capture} <= {"hook_capture"}
