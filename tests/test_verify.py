"""A store is held against its log: what is damaged is named, what lies about is told and is no damage."""

import json
from pathlib import Path

import pytest

import wcsanalytics as wcs
from tests.faults import log_of
from tests.support import DATED, new_store, put_log, take_in
from wcsanalytics.errors import StoreError
from wcsanalytics.intake import Settings
from wcsanalytics.pseudonyms import Pseudonyms
from wcsanalytics.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = new_store(tmp_path)
    for name in "ab":
        take_in(made, put_log(tmp_path / f"{name}.log", log_of(name, 3)))
    return made


def damaged(store: Store) -> list[tuple[str, str]]:
    return [(row["file"], row["problem"]) for row in wcs.verify(store.path).arrow().to_pylist() if row["damaged"]]


def test_a_whole_store_is_listed_with_its_rows(store: Store) -> None:
    rows = wcs.verify(store.path).arrow().to_pylist()

    assert [row["file"] for row in rows] == [part.path for part in store.snapshot().parts]
    assert sum(row["rows"] for row in rows) == 18
    assert {row["problem"] for row in rows} == {None}


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


PART = "parts/stream_hooks/00000001-00-0003.parquet"
COMMIT = "commits/00000001.json"


@pytest.mark.parametrize(
    ("harm", "file", "says"),
    [
        (flip, PART, "its content is not what was written"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), PART, "it has "),
        (Path.unlink, PART, "it is missing"),
        (flip, COMMIT, "this commit "),
        (lambda path: path.write_text(path.read_text().replace('"rows": 3', '"rows": 4')), COMMIT, "was changed"),
        (lambda path: path.write_text(path.read_text()[:-9]), COMMIT, "can't be read"),
    ],
    ids=["flipped", "cut", "gone", "flipped commit", "changed commit", "cut commit"],
)
def test_a_damaged_file_is_named(store: Store, run, harm, file: str, says: str) -> None:
    harm(store.path / file)
    ((named, problem),) = damaged(store)
    ended = run("verify", store.path)

    assert (named.removeprefix(f"{store.path}/"), says in problem) == (file, True)
    assert ended.code == 3
    assert ended.err == f"{named}: {problem}\n"


def test_a_part_that_is_another_of_the_same_size_is_told_by_its_rows(store: Store) -> None:
    commit = store.path / COMMIT
    told = json.loads(commit.read_text())
    rows = told["parts"][0]["rows"]
    told["parts"][0]["rows"] += 1
    commit.write_text(json.dumps(told | {"checksum": ""}))

    assert damaged(store) == [(told["parts"][0]["path"], f"it has {rows} rows, not {rows + 1}")]


def test_a_lost_commit_is_told(store: Store) -> None:
    (store.path / COMMIT).unlink()

    assert damaged(store) == [(str(store.path), "commit 1 is missing; the store is damaged")]


def test_what_no_commit_names_is_no_damage(store: Store, run) -> None:
    (store.path / "parts" / "stream_hooks" / "00000003-00-0001.tmp").write_bytes(b"torn")
    store.compact()
    (store.path / "parts" / "call_hooks").mkdir()
    (store.path / "parts" / "call_hooks" / "00000004-00-0001.parquet").write_bytes(b"torn")
    (store.path / "commits" / "00000004.tmp").write_bytes(b"torn")
    rows = wcs.verify(store.path).arrow().to_pylist()
    problems = {row["problem"] for row in rows if not row["damaged"]}

    assert problems == {None, "kept for readers of earlier commits", "left by a run that did not end"}
    assert damaged(store) == []
    assert run("verify", store.path).code == 0


def test_where_no_store_is_there_is_nothing_to_verify(run, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        wcs.verify(tmp_path)
    assert run("verify", tmp_path).code == 3


def keyed(key: str | None) -> Settings:
    return Settings(DATED.dates, DATED.zones, pseudonyms=Pseudonyms(None if key is None else key.encode()))


WAYS = {"keep": DATED, "drop": keyed(None), "one key": keyed("k" * 16), "another key": keyed("j" * 16)}


@pytest.mark.parametrize("first", WAYS)
@pytest.mark.parametrize("second", WAYS)
def test_persons_of_one_store_go_by_one_name(tmp_path: Path, first: str, second: str) -> None:
    store = new_store(tmp_path)
    take_in(store, put_log(tmp_path / "a.log", log_of("a", 1)), settings=WAYS[first])
    store.compact()
    other = put_log(tmp_path / "b.log", log_of("b", 1))
    if first == second:
        assert take_in(store, other, settings=WAYS[second]).commit == 2
        return
    with pytest.raises(StoreError, match="read all captures of a store with the same --identifiers and key"):
        take_in(store, other, settings=WAYS[second])
    assert store.snapshot().number == 1


def test_the_log_tells_no_key(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, put_log(tmp_path / "a.log", log_of("a", 1)), settings=WAYS["one key"])
    told = json.loads((store.path / COMMIT).read_text())["identifiers"]

    assert told.startswith("hmac ")
    assert len(told) == len("hmac ") + 16
    assert "k" * 16 not in told
