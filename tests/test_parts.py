"""Parts: whatever way rows come in, a part holds them in the order of its table, with the columns as declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics.store import Part, PartWriter, Store
from wcsanalytics.store.merging import Run, runs_in
from wcsanalytics.store.parts import in_order
from wcsanalytics.tables import MEDIA_SAMPLES, TABLES, Table, arrow_schema, batch_schema

Row = dict[str, Any]

STREAM_HOOKS = TABLES["stream_hooks"]

WORDS = st.none() | st.sampled_from(["", "a", "b", "\u00e4", "\U0001f600", "\uffff"])
INSTANTS = st.none() | st.sampled_from([-1, 0, 7])
ROWS = st.lists(st.fixed_dictionaries({"stream_key": WORDS, "metric": WORDS, "sampled_at": INSTANTS}), max_size=20)


def batch(rows: list[Row], table: Table = MEDIA_SAMPLES) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, schema=batch_schema(table))


def part_of(folder: Path, *batches: pa.RecordBatch, table: Table = MEDIA_SAMPLES) -> Path:
    """The file of the one part that these batches make."""
    writer = PartWriter(folder, 1)
    for rows in batches:
        writer.add(table.name, rows)
    writer.finish()
    (part,) = writer.parts
    return folder / part.path


@given(ROWS, ROWS)
def test_rows_stand_in_the_order_of_their_table_nulls_last(first: list[Row], second: list[Row]) -> None:
    rows = [row | {"line": line} for line, row in enumerate(first + second)]
    batches = [batch(rows[: len(first)]), batch(rows[len(first) :])]
    expected = sorted(rows, key=lambda row: (row["sampled_at"] is None, row["sampled_at"] or 0))
    for name in ("metric", "stream_key"):
        expected.sort(key=lambda row: (row[name] is None, (row[name] or "").encode()))

    made = in_order(MEDIA_SAMPLES, pa.Table.from_batches(batches))

    assert made["line"].to_pylist() == [row["line"] for row in expected]


def test_a_part_has_the_columns_as_declared_though_its_rows_came_encoded(tmp_path: Path) -> None:
    rows = [{"stream_key": "s2", "metric": "jitter", "value": 0.5}, {"stream_key": "s1", "metric": "rtt", "value": 1.0}]

    read = pq.read_table(part_of(tmp_path, batch(rows[:1]), batch(rows[1:])))

    assert read.schema.equals(arrow_schema(MEDIA_SAMPLES), check_metadata=True)
    assert read.select(["stream_key", "metric", "value", "kind"]).to_pylist() == [
        {"stream_key": "s1", "metric": "rtt", "value": 1.0, "kind": None},
        {"stream_key": "s2", "metric": "jitter", "value": 0.5, "kind": None},
    ]


def test_only_what_may_come_again_stands_in_a_dictionary(tmp_path: Path) -> None:
    place = {"line": 1, "byte_offset": 0}
    hook, sample = {**place, "sent_at": 1, "hook": "connect", "width": 640}, {**place, "sampled_at": 1, "metric": "rtt"}

    of_hooks = in_dictionaries(part_of(tmp_path, batch([hook], STREAM_HOOKS), table=STREAM_HOOKS))
    of_samples = in_dictionaries(part_of(tmp_path, batch([sample])))

    assert of_hooks & {*hook} == {"hook", "width"}
    assert of_samples & {*sample} == {*sample}


def in_dictionaries(part: Path) -> set[str]:
    group = pq.ParquetFile(part).metadata.row_group(0)
    return {one.path_in_schema for one in map(group.column, range(group.num_columns)) if one.has_dictionary_page}


def test_what_is_null_in_one_run_may_be_told_in_the_next_and_the_other_way_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wcsanalytics.store.parts.WAITING_BYTES", 1)  # each batch is a run
    rows = [{"kind": None, "codec": "opus"}, {"kind": "audio", "codec": None}]

    read = pq.read_table(part_of(tmp_path, *(batch([row]) for row in rows)))

    assert read.select(["kind", "codec"]).to_pylist() == rows


def test_a_row_group_has_no_words_that_others_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wcsanalytics.store.parts.ROW_GROUP", 100)
    streams = [f"stream {number:04}" for number in range(1000)]

    path = part_of(tmp_path, batch([{"stream_key": stream} for stream in streams]))
    place = arrow_schema(MEDIA_SAMPLES).get_field_index("stream_key")
    groups = [pq.read_metadata(path).row_group(group).column(place) for group in range(10)]

    assert pq.read_table(path)["stream_key"].to_pylist() == streams
    assert [(one.statistics.min, one.statistics.max) for one in groups[:2]] == [
        ("stream 0000", "stream 0099"), ("stream 0100", "stream 0199"),
    ]  # fmt: skip
    assert all(one.total_uncompressed_size < 3000 for one in groups)  # 100 words of 15 bytes, and a place for each


def told(part: Path) -> list[str]:
    return pq.read_table(part)["stream_key"].to_pylist()


def test_a_part_tells_with_which_row_group_each_of_its_runs_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wcsanalytics.store.parts.ROW_GROUP", 2)
    writer = PartWriter(tmp_path, 1)
    first, second = (pa.Table.from_batches([batch([{"stream_key": key} for key in keys])]) for keys in ("bde", "ac"))

    several = writer.add_runs(MEDIA_SAMPLES.name, [first, second])
    alone = writer.add_sorted(MEDIA_SAMPLES.name, [second.slice(0, 1), first.slice(0, 2), first.slice(2)])

    assert runs_in(tmp_path, [several]) == [Run(several.path, range(2)), Run(several.path, range(2, 3))]
    assert runs_in(tmp_path, [alone]) == [Run(alone.path, range(3))]
    assert told(tmp_path / alone.path) == ["a", "b", "d", "e"]


def test_a_part_that_does_not_tell_its_runs_may_have_as_many_as_row_groups(tmp_path: Path) -> None:
    older = Part(MEDIA_SAMPLES.name, "older.parquet", 3, 0, "", "", None, None)
    pq.write_table(pa.table({"stream_key": ["b", "c", "a"]}), tmp_path / older.path, row_group_size=2)

    assert [list(run.groups) for run in runs_in(tmp_path, [older])] == [[0], [1]]


def test_more_runs_than_are_merged_at_a_time_are_merged_in_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wcsanalytics.store.disk.MOST_RUNS", 3)
    store = Store(tmp_path / "store")
    store.create()
    for keys in ("bf", "ad", "ce", "gh", "ij", "kl", "am"):
        with store.writing(0) as writing:
            writing.parts.add(MEDIA_SAMPLES.name, batch([{"stream_key": key} for key in keys]))
            writing.commit([], [], [])

    before = {part.path for part in store.snapshot().parts}

    store.compact(0)

    (part,) = store.snapshot().parts
    assert told(store.path / part.path) == list("aabcdefghijklm")
    left = {path.relative_to(store.path).as_posix() for path in store.path.glob("parts/*/*")}
    assert left == before | {part.path}
