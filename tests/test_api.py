"""The functions of a notebook: what they take, what they give, how they refuse."""

from pathlib import Path

import pyarrow as pa
import pytest

import wcsanalytics as wcs
from tests.support import SAMPLE, line, told
from wcsanalytics import api
from wcsanalytics.tables import TABLES, arrow_schema

CASES = Path(__file__).parent / "cases"

LOG = told("10:00:00,000", "connect", session="s", sipLogin="1001") + told(
    "10:00:01,000", "ConnectionStatusEvent", session="s", status="ESTABLISHED"
)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "flashphoner.log"
    path.write_text(LOG, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def day(sample_store):
    with wcs.open(sample_store) as lake:
        yield lake


def temporary_stores(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("wcsanalytics-"))


def test_captures_are_opened_like_a_store(log, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with wcs.open(log, date="2026-03-14", tz="UTC") as lake:
        assert [row["outcome"] for row in lake.sessions.arrow().to_pylist()] == ["open"]

    assert temporary_stores(tmp_path) == []


def test_an_assumed_date_is_a_doubtful_figure(log):
    with pytest.warns(wcs.DoubtfulFigure) as told_doubts:
        wcs.open(log).close()

    assert [str(one.message) for one in told_doubts] == [
        f"{log}: its day rests on the file's own time; --date DAY says it",
        f"{log}: its zone is assumed to be UTC; --tz ZONE says it",
    ]
    assert {Path(one.filename).name for one in told_doubts} == {"test_api.py"}


def test_a_store_of_doubtful_captures_warns_too(log, tmp_path):
    wcs.ingest(log, tmp_path / "store")

    with pytest.warns(wcs.DoubtfulFigure, match="its day rests on the file's own time"):
        wcs.open(tmp_path / "store").close()


def test_what_can_not_be_read_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with pytest.raises(wcs.SourceError, match="does not exist"):
        wcs.open(tmp_path / "nothing")
    with pytest.raises(wcs.UnknownName, match="no time zone"):
        wcs.open(tmp_path / "nothing", tz="Nowhere/City")
    assert temporary_stores(tmp_path) == []


def test_a_file_of_no_known_format_is_no_source(tmp_path):
    (tmp_path / "notes.txt").write_text("milk, bread\n", encoding="utf-8")

    with pytest.raises(wcs.SourceError, match=r"notes\.txt: no format recognises it"):
        wcs.open(tmp_path / "notes.txt")


def test_an_empty_file_has_nothing_to_tell(tmp_path):
    (tmp_path / "flashphoner.log").touch()
    with wcs.open(tmp_path / "flashphoner.log") as lake:
        assert len(lake.sessions) == 0


def test_an_ingest_returns_its_books(log, tmp_path):
    balance = wcs.ingest(log, tmp_path / "store", date="2026-03-14", tz="UTC")
    (row,) = api.books(balance).to_pylist()

    assert row == {
        "source": str(log), "format": "server_log", "records": 4, "new": 4, "already_stored": 0, "rejected": 0,
        "pending": 0, "other_lines": 0, "forgotten_rows": 0, "bytes": log.stat().st_size, "pending_bytes": 0,
        "balanced": True, "problem": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("tz", "Nowhere/City", wcs.UnknownName),
        ("date", "14.3.2026", wcs.WcsAnalyticsError),
        ("format", "pcap", wcs.UnknownName),
        ("keep_log", "LOUD", wcs.UnknownName),
        ("max_rejected", "a few", wcs.WcsAnalyticsError),
        ("max_rejected", "-1", wcs.WcsAnalyticsError),
        ("identifiers", "hmac", wcs.WcsAnalyticsError),
        ("identifiers", "md5", wcs.UnknownName),
        ("key_file", "key", wcs.WcsAnalyticsError),
        ("cap", "rows=1", wcs.UnknownName),
        ("cap", "record_bytes", wcs.WcsAnalyticsError),
        ("cap", ("members=0",), wcs.WcsAnalyticsError),
        ("jobs", 0, wcs.WcsAnalyticsError),
        ("colour", "blue", TypeError),
    ],
)
def test_options_that_make_no_sense_are_refused_before_a_store_is_made(log, tmp_path, option, value, error):
    with pytest.raises(error):
        wcs.ingest(log, tmp_path / "store", **{option: value})

    assert not (tmp_path / "store").exists()


def test_one_store_is_not_read_into_another_yet(log, tmp_path):
    wcs.ingest(log, tmp_path / "one", date="2026-03-14", tz="UTC")

    with pytest.raises(wcs.NotAvailable):
        wcs.ingest(tmp_path / "one", tmp_path / "two")


def test_a_limit_that_is_kept_lets_pass_and_one_that_is_not_does_not(tmp_path):
    path = tmp_path / "flashphoner.log"
    path.write_text(
        LOG + told("10:00:02,000", "connect", session="t").replace('"sessionId"', "sessionId", 1), encoding="utf-8"
    )
    options = {"date": "2026-03-14", "tz": "UTC"}

    wcs.ingest(path, tmp_path / "lax", max_rejected="50%", **options)
    with pytest.raises(wcs.LimitExceeded):
        wcs.ingest(path, tmp_path / "strict", strict=True, **options)
    with wcs.open(tmp_path / "strict") as lake:
        assert len(lake.hooks) == 0


def test_record_batches_can_be_had_without_a_store(log):
    batches = list(wcs.read(log, date="2026-03-14", tz="UTC"))

    assert {table for table, _ in batches} == {"connection_hooks"}
    assert sum(batch.num_rows for _, batch in batches) == 2
    assert all(isinstance(batch, pa.RecordBatch) for _, batch in batches)


@pytest.mark.parametrize("identifiers", ["keep", "drop"])
def test_record_batches_of_samples_are_as_declared(identifiers):
    batches = list(wcs.read(CASES / "getstats" / "native_form.json", identifiers=identifiers))

    assert {table for table, _ in batches} == {"media_samples"}
    for table, batch in batches:
        assert batch.schema.equals(arrow_schema(TABLES[table]), check_metadata=True)


def test_reading_keeps_the_fields_and_lines_that_are_asked_for(tmp_path):
    path = tmp_path / "flashphoner.log"
    path.write_text(
        told("10:00:00,000", "connect", session="s", custom={"room": "R7", "pin": "4711"})
        + line("10:00:01,000", "INFO", "hello")
    )
    rows = {
        table: batch.to_pylist()
        for table, batch in wcs.read(path, date="2026-03-14", tz="UTC", keep_field="custom.room", keep_log="info")
    }

    assert '"room":"R7"' in rows["connection_hooks"][0]["custom"]
    assert "4711" not in str(rows)
    assert [row["text"] for row in rows["server_log"]] == ["hello"]


def test_reading_tells_what_it_can_not_read(tmp_path):
    (tmp_path / "notes.txt").write_text("milk\n", encoding="utf-8")

    with pytest.raises(wcs.SourceError, match="does not exist"):
        list(wcs.read(tmp_path / "nothing"))
    with pytest.raises(wcs.SourceError, match="no format recognises it"):
        list(wcs.read(tmp_path / "notes.txt"))


def test_a_report_is_made_of_captures_a_store_or_a_lake(sample_store, day):
    of_lake = wcs.report("call-quality", day)
    of_store = wcs.report("call_quality", sample_store)
    of_files = wcs.report("call-quality", SAMPLE / "day", tz="Europe/Berlin")

    assert of_lake.figures == of_store.figures == of_files.figures
    assert of_lake.tables["calls"].arrow() == of_files.tables["calls"].arrow()


def test_a_lake_was_read_before(day):
    with pytest.raises(TypeError, match="tz"):
        wcs.report("call-quality", day, tz="UTC")


def test_a_filter_that_does_not_exist_is_refused(day):
    with pytest.raises(TypeError):
        wcs.report("call-quality", day, room="R7")


@pytest.mark.parametrize(
    ("name", "options", "error", "says"),
    [
        ("cal-quality", {}, wcs.UnknownName, "no report 'cal-quality'; there are call-quality, stream-lifetime"),
        ("hook-health", {}, wcs.NotAvailable, "not available yet"),
        ("call-quality", {"by": "colour"}, wcs.UnknownName, "no dimension 'colour'"),
        ("call-quality", {"since": "soon"}, wcs.WcsAnalyticsError, "'soon' is no time"),
        ("call-quality", {"zone": "Mars"}, wcs.UnknownName, "no time zone 'Mars'"),
        ("call-quality", {"at": "-2h", "since": "-3h"}, wcs.WcsAnalyticsError, "--at stands alone"),
        ("call-quality", {"since": "-1h", "until": "-2h"}, wcs.WcsAnalyticsError, "is not before --until"),
    ],
)
def test_a_report_that_can_not_be_made_says_why(day, name, options, error, says):
    with pytest.raises(error, match=says):
        wcs.report(name, day, **options)


def test_times_beyond_the_calendar_choose_what_they_must(day):
    everything = wcs.report("call-quality", day).figures

    assert (
        wcs.report("call-quality", day, since="-999999w", until="9999-12-31T23:59", zone="Asia/Tokyo").figures
        == everything
    )
    assert wcs.report("call-quality", day, since="0001-01-01", zone="Asia/Tokyo").figures == everything


def test_a_report_writes_and_shows_itself(day, tmp_path):
    quality = wcs.report("call-quality", day, zone="Asia/Tokyo")
    for name in ("html", "markdown", "json"):
        getattr(quality, f"to_{name}")(tmp_path / name)

    assert (tmp_path / "html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (tmp_path / "markdown").read_text(encoding="utf-8").startswith("# Call quality")
    assert '"first_at": "2026-03-14T08:06:45.782+09:00"' in (tmp_path / "json").read_text(encoding="utf-8")
    assert quality._repr_html_().startswith("<iframe sandbox")
    assert repr(quality) == "<Report call-quality: 71 figures, 18 findings>"
    assert "2026-03-14T08:06:45+09:00" in str(quality)


def test_a_report_draws_its_plots(day):
    quality = wcs.report("call-quality", day, zone="Asia/Tokyo")

    assert quality.plot("hours").get_xlabel() == "hour (Asia/Tokyo)"
    with pytest.raises(wcs.UnknownName, match="no plot 'rings'; there are outcomes, causes, delays"):
        quality.plot("rings")


def test_gates_and_changes_are_results(day):
    quality = wcs.report(
        "call-quality", day, since="2026-03-14T12:00", against="until=2026-03-14T12:00", fail_on=["asr < 1", "ner < 0"]
    )

    assert quality.gates.df()["outcome"].tolist() == ["failed", "passed"]
    assert quality.has_failed
    assert quality.changes.df()["name"][0] == "asr"
    assert not wcs.report("call-quality", day).has_failed


def test_what_is_found_names_what_debugs_it(day):
    found = wcs.find("LIVE-12", day).arrow().to_pylist()

    assert {row["kind"] for row in found} == {"stream"}
    assert {row["name"] for row in found} == {"live-12"}
    assert [row["debug"] for row in found] == [f"--stream {row['key']}" for row in found]
    for row in found[:2]:
        assert wcs.report("session-debug", day, stream=row["key"]).figures["bad_session_rate"].n == 1


@pytest.mark.parametrize("text", ["%", "_", "100%", "'; drop table streams; --"])
def test_what_is_looked_for_is_text_and_nothing_else(day, text):
    assert [row for row in wcs.find(text, day).arrow().to_pylist() if text not in str(row)] == []


def test_a_lake_describes_itself(day, sample_store):
    rows = {row["name"]: row for row in wcs.describe(day).arrow().to_pylist()}
    files = wcs.describe(day, files=True).arrow().to_pylist()

    assert (rows["sessions"]["kind"], rows["sessions"]["row_count"]) == ("view", 61)
    assert (rows["stream_hooks"]["kind"], rows["rejected"]["row_count"]) == ("table", 0)
    assert sum(row["rows"] for row in files if row["table"] == "stream_hooks") == rows["stream_hooks"]["row_count"]
    assert all(Path(row["path"]).is_relative_to(sample_store) for row in files)


def test_a_view_describes_its_columns(day):
    rows = {row["column"]: row for row in api.describe_table("streams").arrow().to_pylist()}

    assert (rows["lived_s"]["type"], rows["lived_s"]["unit"]) == ("double", "s")
    assert wcs.schema("streams").names == day.streams.arrow().column_names
    with pytest.raises(wcs.UnknownName):
        wcs.schema("nothing")


def test_a_report_lists_what_it_holds():
    rows = api.describe_report("session-debug").arrow().to_pylist()

    assert [row["name"] for row in rows if row["kind"] == "plot"] == ["ladder"]
    assert {row["unit"] for row in rows if row["kind"] == "figure"} == {"ratio", "ms"}
