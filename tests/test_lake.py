"""The lake: one commit, views as declared, one SELECT at a time on a locked connection."""

import gc
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import duckdb
import pandas as pd
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support import body_of, lake_of, new_store, only, put_log, rows, take_in, told
from wcsanalytics.errors import StoreError, UnknownName, WcsAnalyticsError
from wcsanalytics.lake import Lake, Result, schema_of, sql_text
from wcsanalytics.store import Store
from wcsanalytics.tables import TABLES, VIEWS, arrow_schema

LOG = told("10:00:00,000", "connect", session="s1") + told(
    "10:00:01,000", "playStream", answered="10:00:01,250", session="s1", stream="m1", name="<b>hall</b>", quality=7
)
HOOKS = [("connect", 0.0), ("playStream", 250.0)]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    with lake_of(tmp_path_factory.mktemp("lake"), LOG) as opened:
        yield opened


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    with Lake(new_store(tmp_path_factory.mktemp("empty"))) as opened:
        yield opened


@pytest.mark.parametrize("name", [*VIEWS, *TABLES])
@pytest.mark.parametrize("which", ["lake", "empty"])
def test_each_view_and_table_has_the_columns_that_are_declared(request, which: str, name: str) -> None:
    found = request.getfixturevalue(which).table(name).arrow().schema

    assert [(field.name, field.type) for field in found] == [(field.name, field.type) for field in schema_of(name)]


@pytest.mark.parametrize("name", sorted(set(VIEWS) - {"sources", "source_names", "commits"}))
def test_an_empty_store_has_no_rows(empty: Lake, name: str) -> None:
    assert len(empty.table(name)) == 0


def test_a_schema_tells_units_and_meaning() -> None:
    assert schema_of("streams") == arrow_schema(VIEWS["streams"])
    assert schema_of("streams").field("startup_ms").metadata == {
        b"description": b"From asked to started, by the server", b"unit": b"ms",
    }  # fmt: skip
    with pytest.raises(UnknownName, match="no view 'stream'; there are hooks, sessions, streams"):
        schema_of("stream")


def test_views_are_attributes_with_completion(lake: Lake) -> None:
    assert rows(lake, "hooks", "hook", "latency_ms") == HOOKS
    assert lake.hooks.arrow() == lake.table("hooks").arrow()
    assert {"streams", "stream_hooks", "sql", "close"} <= set(dir(lake))
    with pytest.raises(AttributeError, match="a lake has no 'stream'"):
        _ = lake.stream
    with pytest.raises(UnknownName, match="no view 'nothing'"):
        lake.table("nothing")


def test_parameters_are_bound_and_never_pasted(lake: Lake) -> None:
    query = "select hook from hooks where hook = $hook"

    assert lake.sql(query, hook="connect").arrow().to_pylist() == [{"hook": "connect"}]
    assert lake.sql(query, {"hook": "playStream"}).arrow().to_pylist() == [{"hook": "playStream"}]
    assert len(lake.sql(query, hook="' or true --")) == 0


def test_what_a_query_lacks_is_told_in_one_line(lake: Lake) -> None:
    with pytest.raises(WcsAnalyticsError, match="hook"):
        lake.sql("select hook from hooks where hook = $hook").arrow()
    with pytest.raises(WcsAnalyticsError, match=r"(?s)^(?!.*\n\n).*no_such_view"):
        lake.sql("select * from no_such_view").arrow()
    with pytest.raises(WcsAnalyticsError, match="the query can't be read"):
        lake.sql("selekt 1")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "select 1; select 2",
        "copy (select 1) to 'x.csv'",
        "set memory_limit = '1GB'",
        "pragma database_list",
        "call duckdb_settings()",
        "attach 'x.db'",
        "install httpfs",
        "load httpfs",
        "create table t as select 1",
        "insert into facts.sources select * from facts.sources",
        "delete from recurrences",
        "drop view hooks",
        "export database 'x'",
        "explain analyze select 1",
        "with gone as (delete from facts.sources returning 1) select * from gone",
        "with gone as (delete from recurrences returning 1) from gone",
        "with more as (insert into facts.sources from facts.sources returning 1) select * from more",
        "with other as (update facts.sources set turn = 1 returning 1) select (select count(*) from other)",
        "select * from (with gone as (delete from facts.sources returning 1) select * from gone)",
        "with x as (copy (select 1 as a) to 'x.parquet' (format parquet, use_tmp_file false)) select * from x",
        "from query('select 1')",
        "select * from system.main.\"QUERY\"('select 1')",
        "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
        "reset memory_limit",
        "detach memory",
        "checkpoint",
        "vacuum",
        "prepare q as select 1",
    ],
)
def test_one_select_and_nothing_else(lake: Lake, query: str) -> None:
    with pytest.raises(WcsAnalyticsError, match="one SELECT is wanted, and nothing else"):
        lake.sql(query)
    assert len(lake.table("hooks")) == 2


def test_a_query_cannot_write_over_the_parts_it_may_read(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, put_log(tmp_path / "a.log", LOG))
    before = {path: path.read_bytes() for path in store.path.rglob("*") if path.is_file()}
    with Lake(store) as lake:
        for path in before:
            for target in (f"'{path}'", f"'{path}' (format parquet, use_tmp_file false)"):
                for query in (f"copy (select 1) to {target}", f"with x as (copy (select 1 as a) to {target}) from x"):
                    with pytest.raises(WcsAnalyticsError):
                        lake.sql(query).arrow()

    assert {path: path.read_bytes() for path in store.path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("query", ["describe hooks", "summarize hooks", "table hooks", "values (1)", "from hooks"])
def test_other_ways_to_read_are_selects_too(lake: Lake, query: str) -> None:
    assert len(lake.sql(query)) > 0


def test_nothing_of_the_surroundings_is_told(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTED", "planted")
    for query in ("select getenv('PLANTED')", "select * from duckdb_secrets()", "from read_text('/proc/self/environ')"):
        with pytest.raises(WcsAnalyticsError):
            lake.sql(query).arrow()


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_text('{path}')",
        "select * from read_blob('{path}')",
        "select * from read_csv('{path}')",
        "select * from read_json('{path}')",
        "select * from read_parquet('{path}')",
        "select * from parquet_schema('{path}')",
        "select * from sniff_csv('{path}')",
        "select * from glob('{folder}/*')",
        "select * from '{path}'",
        "from query_table('{path}')",
        "select * from read_ndjson_objects('{path}')",
        "select * from parquet_metadata('{path}')",
        "select * from parquet_kv_metadata('{path}')",
        "select * from parquet_bloom_probe('{path}', 'a', 1)",
        "select * from read_text('file://{path}')",
        "select * from read_text('{folder}/../{folder}/secret.csv')",
        "select * from read_text('https://example.org/')",
        "select * from read_csv('/dev/stdin')",
    ],
)
def test_no_other_file_can_be_read(lake: Lake, tmp_path: Path, query: str) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("a,b\n1,2\n")

    with pytest.raises(WcsAnalyticsError, match=r"disabled by configuration|does not exist"):
        lake.sql(query.format(path=path, folder=tmp_path)).arrow()


def test_variables_of_the_caller_are_out_of_reach(lake: Lake) -> None:
    mine = pd.DataFrame({"a": [1]})

    with pytest.raises(WcsAnalyticsError, match="mine does not exist"):
        lake.sql("select * from mine").arrow()
    assert len(mine) == 1


def test_a_lake_stays_at_its_commit(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, put_log(tmp_path / "a.log", LOG))
    with Lake(store) as before:
        take_in(store, put_log(tmp_path / "b.log", told("11:00:00,000", "connect", session="s2")))
        with Lake(store) as after:
            assert [(one.snapshot.number, len(one.sessions)) for one in (before, after)] == [(1, 1), (2, 2)]
        assert repr(before).startswith("<Lake at commit 1: hooks, sessions, streams, ")


def test_a_kept_query_takes_the_place_of_a_view_until_it_is_dropped(lake: Lake) -> None:
    lake.keep("hooks", "select hook from hooks where hook = $hook", {"hook": "connect"})
    kept = len(lake.sql("select * from hooks"))
    lake.keep("some_hooks", "select 1 as one", {})
    lake.drop("hooks")
    lake.drop("some_hooks")
    lake.drop("some_hooks")

    assert (kept, len(lake.sql("select * from hooks"))) == (1, 2)
    with pytest.raises(WcsAnalyticsError):
        lake.sql("select * from some_hooks").arrow()


def test_a_lake_that_is_closed_is_closed(tmp_path: Path) -> None:
    opened = lake_of(tmp_path, LOG)
    read, unread = opened.sql("select 1 as one"), opened.sql("select 2 as two")
    assert len(read) == 1
    opened.close()
    opened.close()

    assert read.arrow().to_pylist() == [{"one": 1}]
    with pytest.raises(WcsAnalyticsError):
        unread.arrow()


def test_a_temporary_store_goes_with_its_lake_closed_or_forgotten(tmp_path: Path) -> None:
    for close in (Lake.close, lambda _: None):
        store = new_store(tmp_path)
        opened = Lake(store, owned=True)
        close(opened)
        del opened
        gc.collect()

        assert not store.path.exists()


def test_limits_of_memory_and_threads_hold(tmp_path: Path) -> None:
    with Lake(new_store(tmp_path), memory_limit="300MiB", threads=1) as opened:
        assert only(opened, "duckdb_settings() where name = 'memory_limit'", "value") == ("300.0 MiB",)
        assert only(opened, "duckdb_settings() where name = 'threads'", "value") == ("1",)
        assert only(opened, "duckdb_settings() where name = 'TimeZone'", "value") == ("UTC",)


def test_a_part_damaged_while_it_is_read_is_a_damaged_store(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, put_log(tmp_path / "a.log", LOG))
    (part,) = store.path.glob("parts/stream_hooks/*")
    part.write_bytes(b"x" * part.stat().st_size)

    with pytest.raises(StoreError, match="a part can't be read; the store is damaged"):
        Lake(store)


def test_a_column_that_an_older_program_did_not_know_is_null(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    for number, name in enumerate(("old", "new"), 1):
        take_in(
            store, put_log(tmp_path / f"{name}.log", told(f"10:00:0{number},000", "playStream", stream="m", name=name))
        )
    part, commit = store.snapshot().parts[0], store.path / "commits" / "00000001.json"
    path = store.path / part.path
    pq.write_table(pq.read_table(path, partitioning=None).drop_columns(["name"]), path)
    told_of = json.loads(commit.read_text())
    told_of["parts"][0] |= {"columns": "0", "size": path.stat().st_size}
    told_of["checksum"] = ""
    commit.write_text(json.dumps(told_of))

    with Lake(store) as opened:
        assert rows(opened, "stream_hooks", "sent_at::text", "name") == [
            ("2026-03-14 10:00:01+00", None),
            ("2026-03-14 10:00:02+00", "new"),
        ]


def test_there_is_no_lake_without_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        Lake(Store(tmp_path))


def fixed(**columns: object) -> Result:
    return Result(lambda: pa.table(columns), "rows")


def test_a_result_is_made_once_and_only_when_it_is_looked_at() -> None:
    made: list[int] = []

    def fetch() -> pa.Table:
        made.append(1)
        return pa.table({"n": [1]})

    result = Result(fetch)
    assert made == []
    assert (len(result), result.arrow().num_rows, made) == (1, 1, [1])


def test_a_frame_keeps_the_nulls_of_integers_and_booleans() -> None:
    frame = fixed(
        n=pa.array([1, None]),
        small=pa.array([1, None], pa.int32()),
        yes=pa.array([True, None]),
        x=pa.array([0.5, None]),
    ).df()

    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "n": "Int64", "small": "Int32", "yes": "boolean", "x": "float64",
    }  # fmt: skip
    assert frame["n"].isna().tolist() == [False, True]


def test_instants_come_out_in_utc(lake: Lake) -> None:
    (first, second) = lake.sql("select sent_at from hooks order by sent_at").df()["sent_at"]

    assert (first, second) == (
        pd.Timestamp(datetime(2026, 3, 14, 10, tzinfo=UTC)), pd.Timestamp(datetime(2026, 3, 14, 10, 0, 1, tzinfo=UTC)),
    )  # fmt: skip
    assert str(first.tz) == "UTC"


def test_a_result_goes_to_other_libraries_by_arrow(lake: Lake) -> None:
    result = lake.sql("select hook, latency_ms from hooks order by hook")

    assert result.polars().rows() == HOOKS
    assert polars.DataFrame(result).rows() == HOOKS
    assert pa.table(result).num_rows == 2
    assert duckdb.sql("select count(*) from result").fetchall() == [(2,)]


def test_a_notebook_shows_a_result_escaped_and_short(lake: Lake) -> None:
    shown = lake.sql("select name, null as nothing from stream_hooks")._repr_html_()
    long = fixed(n=pa.array(range(25)))._repr_html_()

    assert shown == (
        "<table><thead><tr><th>name</th><th>nothing</th></tr></thead>"
        "<tbody><tr><td>&lt;b&gt;hall&lt;/b&gt;</td><td></td></tr></tbody></table>"
    )
    assert fixed(**{"<i>": pa.array([1])})._repr_html_().count("<i>") == 0
    assert (long.count("<tr>"), long[-22:]) == (21, "</table><p>5 more rows</p>"[-22:])


def test_a_terminal_shows_what_a_result_is_without_escapes() -> None:
    assert repr(fixed(n=pa.array([1, 2]))) == "<rows: 2 rows, n>"
    assert "\x1b" not in repr(fixed(**{"\x1b[31mred": pa.array([1])}))


SQL = sorted((Path(str(files("wcsanalytics"))) / "sql" / "views").glob("*.sql"))


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.stem)
def test_each_view_begins_with_its_question(path: Path) -> None:
    text = sql_text("views", path.stem)
    questions = [one for one in text.splitlines() if re.fullmatch(r"-- [A-Z].*\?( .*)?", one)]

    assert text.startswith("-- ")
    assert questions
    assert not re.search(r"select\s+\*\s+from\s+stored", text)


def test_bodies_are_kept_to_the_letter(lake: Lake) -> None:
    kept = only(lake, "stream_hooks", "name", "media_session_id", "quality", "node_id", "app_key")

    assert kept == ("<b>hall</b>", "m1", 7, body_of()["nodeId"], "defaultApp")
