"""The store on disk: whole commits or nothing, one writer, readers undisturbed."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.support import new_store, rows, stored, stored_halves, take_in, told, without_root_s_rights
from wcsanalytics.errors import StoreError
from wcsanalytics.lake import Lake
from wcsanalytics.store import Counts, Segment, SourceName, Store
from wcsanalytics.store.steps import watch

ROOT = Path(__file__).parents[1]
FIRST = told("10:00:00,000", "connect", session="s1") + told("10:00:01,000", "playStream", session="s1", stream="m1")
GROWN = FIRST + told("10:00:02,000", "StreamStatusEvent", session="s1", stream="m1", status="PLAYING")
OTHER = told("11:00:00,000", "call", session="s2", call="c1")

DRIVER = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from tests.support import DATED
    from wcsanalytics.intake import ingest
    from wcsanalytics.sources import found
    from wcsanalytics.store import Store
    from wcsanalytics.store.steps import watch

    store, inputs, last = Store(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
    passed = []

    def die_at_the_last(name):
        passed.append(name)
        if len(passed) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    watch(die_at_the_last)
    store.create()
    ingest(found([inputs]), store, DATED)
    """
)


def killed_at(step: int, store: Store, inputs: Path) -> bool:
    """Ingest in another process that is killed before its n-th durable step; whether it came that far."""
    run = subprocess.run([sys.executable, "-c", DRIVER, str(store.path), str(inputs), str(step)], cwd=ROOT, check=False)
    assert run.returncode in (0, -signal.SIGKILL)
    return run.returncode != 0


def kept(store: Store) -> list[tuple[object, ...]]:
    """What a store holds, in the order of its places."""
    return stored(store, "source_id", "byte_offset", "hook", "status", "answer")


def visible_parts(store: Store) -> list[str]:
    return sorted(path.relative_to(store.path).as_posix() for path in store.path.glob("parts/*/*.parquet"))


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.log").write_text(GROWN)
    (folder / "b.log").write_text(OTHER)
    return folder


def test_a_new_store_is_empty_and_only_its_owner_may_look(tmp_path: Path) -> None:
    store = new_store(tmp_path)

    assert Store.is_store(store.path)
    assert store.snapshot().number == 0
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in (store.path, *store.path.iterdir())} == {
        "store": "0o700", "commits": "0o700", "lock": "0o600",
    }  # fmt: skip


def test_a_store_is_made_only_where_nothing_else_is(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear diary")
    store = Store(tmp_path)

    with pytest.raises(StoreError, match="not empty and no store"):
        store.create()
    with pytest.raises(StoreError, match="there is no store"):
        store.snapshot()
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_store_can_not_be_made_in_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")

    with pytest.raises(StoreError, match="no store can be made here"):
        Store(tmp_path / "store").create()


def test_a_commit_names_every_part_with_rows_size_and_checksum(tmp_path: Path, inputs: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, inputs)
    (commit,) = store.snapshot().commits

    assert {part.table: part.rows for part in commit.parts} == {
        "connection_hooks": 1, "stream_hooks": 2, "call_hooks": 1,
    }  # fmt: skip
    for part in commit.parts:
        path = store.path / part.path
        assert (part.size, pq.read_metadata(path).num_rows) == (path.stat().st_size, part.rows)
        assert subprocess.check_output(["sha256sum", path], text=True).split()[0] == part.sha256
    assert [name.path for name in commit.names] == [str(inputs / "a.log"), str(inputs / "b.log")]
    assert json.loads((store.path / "commits" / "00000001.json").read_text())["format"] == 1


def test_a_killed_ingest_leaves_all_or_nothing_and_the_next_one_mends_it(tmp_path: Path, inputs: Path) -> None:
    clean = new_store(tmp_path)
    take_in(clean, inputs)
    expected = kept(clean)
    step, outcomes = 1, []
    while True:
        store = Store(tmp_path / f"killed-{step}")
        if not killed_at(step, store, inputs):
            break
        found = kept(store) if Store.is_store(store.path) else []
        outcomes.append(len(found))
        assert found in ([], expected)
        store.create()
        take_in(store, inputs)
        assert kept(store) == expected
        assert len(store.snapshot().commits) == 1
        assert visible_parts(store) == sorted(part.path for part in store.snapshot().parts)
        assert [*store.path.rglob("*.tmp")] == []
        step += 1

    assert step > 8
    assert set(outcomes) == {0, 4}


def test_a_killed_second_ingest_leaves_the_first(tmp_path: Path) -> None:
    base, log = new_store(tmp_path), tmp_path / "a.log"
    log.write_text(FIRST)
    take_in(base, log)
    before = kept(base)
    log.write_text(GROWN)
    step = 1
    while True:
        store = Store(tmp_path / f"killed-{step}")
        shutil.copytree(base.path, store.path)
        if not killed_at(step, store, log):
            break
        assert kept(store) == before or stored_halves(store) == 6
        take_in(store, log)
        assert set(before) < set(kept(store))
        assert stored_halves(store) == 6
        step += 1

    assert step > 3


def test_no_part_bears_its_name_before_it_is_complete(tmp_path: Path, inputs: Path) -> None:
    store = new_store(tmp_path)
    seen: list[tuple[str, int]] = []

    def look(name: str) -> None:
        for path in visible_parts(store):
            pq.read_table(store.path / path, partitioning=None).validate(full=True)
        seen.append((name, len(visible_parts(store))))
        assert store.snapshot().number == 0 or name == "flush commit"

    stop = watch(look)
    take_in(store, inputs)
    stop()

    assert seen == [
        ("write part", 0), ("name part", 0), ("write part", 1), ("name part", 1), ("write part", 2), ("name part", 2),
        ("flush parts", 3), ("write commit", 3), ("publish commit", 3), ("flush commit", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("nth", range(1, 11))
def test_a_full_disk_leaves_the_store_as_it_was_or_done(tmp_path: Path, inputs: Path, nth: int) -> None:
    store = new_store(tmp_path)
    steps: list[str] = []

    def fail(name: str) -> None:
        steps.append(name)
        if len(steps) == nth:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    stop = watch(fail)
    with pytest.raises(StoreError, match="No space left on device"):
        take_in(store, inputs)
    stop()

    assert stored_halves(store) in (0, 8)
    assert (stored_halves(store) == 8) == (steps[-1] == "flush commit")
    take_in(store, inputs)
    assert stored_halves(store) == 8


def test_a_store_that_can_not_grow_is_left_as_it_was(tmp_path: Path, inputs: Path) -> None:
    store = new_store(tmp_path)
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)){DRIVER}"
    arguments = [sys.executable, "-B", "-c", limited, str(store.path), str(inputs), "0"]
    run = subprocess.run(arguments, cwd=ROOT, check=False, capture_output=True, text=True)

    assert run.stderr.endswith(f"StoreError: {store.path}: the store could not be written: File too large\n")
    assert store.snapshot().number == 0


def test_a_read_only_store_can_be_read_but_not_written(tmp_path: Path, inputs: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, inputs)
    (store.path / "lock").chmod(0o400)
    command = [sys.executable, "-B", "-c", DRIVER, str(store.path), str(inputs), "0"]
    run = subprocess.run(without_root_s_rights(command), cwd=ROOT, check=False, capture_output=True, text=True)

    assert run.stderr.endswith(f"StoreError: {store.path}: the store could not be written: Permission denied\n")
    with Lake(store) as lake:
        assert len(lake.hooks) == 4


def test_a_reader_changes_nothing_in_the_store(tmp_path: Path, inputs: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, inputs)
    before = {path: path.stat().st_mtime_ns for path in store.path.rglob("*")}
    with Lake(store) as lake:
        assert len(lake.hooks) == 4

    assert {path: path.stat().st_mtime_ns for path in store.path.rglob("*")} == before


def test_leftovers_are_swept_by_the_next_writer_and_by_no_reader(tmp_path: Path, inputs: Path) -> None:
    store = new_store(tmp_path)
    (store.path / "parts" / "call_hooks").mkdir(parents=True)
    left = [store.path / "parts" / "call_hooks" / name for name in ("00000001-0001.parquet", "00000001-0002.tmp")]
    left.append(store.path / "commits" / "00000001.tmp")
    for path in left:
        path.write_bytes(b"torn")
    Lake(store).close()
    before = [path.exists() for path in left]
    take_in(store, inputs)

    assert before == [True, True, True]
    assert not any(path.read_bytes() == b"torn" for path in left if path.exists())
    assert stored_halves(store) == 8


def test_parts_that_a_commit_took_away_stay_for_older_readers(tmp_path: Path) -> None:
    store, log = new_store(tmp_path), tmp_path / "a.log"
    log.write_text(GROWN + "10:00:03,000 ERROR                Main - main half a li")
    take_in(store, log)
    with Lake(store) as old:
        log.write_text(GROWN + "10:00:03,000 ERROR                Main - main half a line\n")
        take_in(store, log)
        texts = [rows(old, "server_log", "text"), rows(Lake(store), "server_log", "text")]

    assert texts == [[("half a li",)], [("half a line",)]]


def test_a_second_writer_waits_and_then_gives_up(tmp_path: Path, inputs: Path) -> None:
    store = new_store(tmp_path)

    with store.writing(), pytest.raises(StoreError, match=r"another program has been writing for 0\.1 s"):
        take_in(Store(store.path), inputs, lock_timeout_s=0.1)
    assert take_in(store, inputs).commit == 1


def test_a_second_writer_that_waits_long_enough_goes_on_from_the_first(tmp_path: Path, inputs: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", DRIVER, str(tmp_path / "store"), str(path), "0"], cwd=ROOT)
        for path in (inputs, inputs / "a.log", inputs / "b.log")
    ]

    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert stored_halves(Store(tmp_path / "store")) == 8


def test_a_writer_that_fails_frees_the_lock_and_changes_nothing(tmp_path: Path, inputs: Path) -> None:
    store = new_store(tmp_path)

    with pytest.raises(KeyboardInterrupt), store.writing():
        raise KeyboardInterrupt
    assert take_in(store, inputs, lock_timeout_s=0).commit == 1


def test_a_commit_whose_number_is_taken_is_refused(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    segment = Segment("s", "server_log", "0", 1, 1, "0", Counts(), {})

    with store.writing() as writing:
        (store.path / "commits" / "00000001.json").write_text("{}")
        with pytest.raises(StoreError, match="another program wrote commit 1; nothing was changed"):
            writing.commit([segment], [SourceName("s", "a", None)], [])


@pytest.fixture
def three(tmp_path: Path) -> Store:
    """A store of three commits."""
    store = new_store(tmp_path)
    for number, text in enumerate((FIRST, OTHER, told("12:00:00,000", "connect", session="s9"))):
        path = tmp_path / f"{number}.log"
        path.write_text(text)
        take_in(store, path)
    return store


def damage_commit(store: Path) -> None:
    (store / "commits" / "00000002.json").write_text('{"number": 2, "comm')


def lose_commit(store: Path) -> None:
    (store / "commits" / "00000002.json").unlink()


def make_newer(store: Path) -> None:
    path = store / "commits" / "00000003.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))


def replace_commit(store: Path) -> None:
    (store / "commits" / "00000002.json").write_text("[1, 2]")


def lose_part(store: Path) -> None:
    next(store.glob("parts/call_hooks/*")).unlink()


def cut_part(store: Path) -> None:
    path = next(store.glob("parts/call_hooks/*"))
    path.write_bytes(path.read_bytes()[:-9])


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (damage_commit, "00000002.json: this commit can't be read; the store is damaged"),
        (replace_commit, "00000002.json: this commit can't be read; the store is damaged"),
        (lose_commit, "commit 2 is missing; the store is damaged"),
        (make_newer, "the store is of version 2; this program knows 1"),
        (lose_part, "the part is missing or cut; the store is damaged"),
        (cut_part, "the part is missing or cut; the store is damaged"),
    ],
)
def test_a_damaged_store_is_never_built_upon(three: Store, inputs: Path, damage, says: str) -> None:
    damage(three.path)
    before = {path: path.read_bytes() for path in three.path.rglob("*") if path.is_file()}

    with pytest.raises(StoreError, match=says):
        take_in(three, inputs)
    with pytest.raises(StoreError, match=r"damaged|version 2"):
        Lake(three).sql("select count(*) from hooks").arrow()
    assert {path: path.read_bytes() for path in three.path.rglob("*") if path.is_file()} == before


def test_a_watcher_that_was_ended_hears_no_more(tmp_path: Path, inputs: Path) -> None:
    heard: list[str] = []
    watch(heard.append)()
    take_in(new_store(tmp_path), inputs)

    assert heard == []
