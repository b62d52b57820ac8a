"""Files that live: append, rotate, compress, copy and truncate, in any order with ingests, faults and forgetting.

The model is a handful of lines: what files hold, what was read of it, and what is forgotten.
"""

import gzip
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

import wcsanalytics as wcs
from tests.faults import at_step, failing, log_of, steps_of
from tests.support import contents, new_store, put_log, stored, take_in, told
from wcsanalytics.errors import StoreError
from wcsanalytics.lake import Lake
from wcsanalytics.store import Store, checked

ENOSPC, EIO = 28, 5


def record(number: int) -> str:
    """A record that stands for its number alone."""
    clock = f"{10 + number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d},000"
    return told(clock, "connect", session=f"s-{number}-end", sipLogin=f"user{number}")


class LivingFiles(RuleBasedStateMachine):
    """Logs of a server and a store that reads them now and then."""

    names = Bundle("names")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = new_store(self.folder)
        self.written = 0
        self.files: dict[str, list[int]] = {}
        self.read: set[int] = set()
        self.forgotten: set[int] = set()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def path(self, name: str) -> Path:
        return self.folder / name

    def next_name(self, suffix: str = "") -> str:
        return f"log-{len(self.files)}{suffix}"

    @initialize(target=names)
    def first_log(self) -> str:
        return self.begin()

    @rule(target=names)
    def begin(self) -> str:
        name = self.next_name()
        self.files[name] = []
        self.path(name).write_bytes(b"")
        self.append(name, 1)
        return name

    @rule(name=names, records=st.integers(1, 3))
    def append(self, name: str, records: int) -> None:
        if name.endswith(".gz"):
            return
        with self.path(name).open("a") as file:
            for _ in range(records):
                file.write(record(self.written))
                self.files[name].append(self.written)
                self.written += 1

    @rule(target=names, name=names)
    def rotate(self, name: str) -> str:
        rotated = self.next_name(".gz" if name.endswith(".gz") else "")
        self.path(name).rename(self.path(rotated))
        self.files[rotated], self.files[name] = self.files[name], []
        self.path(name).write_bytes(gzip.compress(b"") if name.endswith(".gz") else b"")
        return rotated

    @rule(target=names, name=names)
    def compress(self, name: str) -> str:
        packed = self.next_name(".gz")
        data = self.path(name).read_bytes()
        self.path(packed).write_bytes(data if name.endswith(".gz") else gzip.compress(data))
        self.files[packed] = list(self.files[name])
        return packed

    @rule(target=names, name=names)
    def copy_and_truncate(self, name: str) -> str:
        copied = self.compress(name)
        self.files[name] = []
        self.path(name).write_bytes(gzip.compress(b"") if name.endswith(".gz") else b"")
        return copied

    @rule(target=names, name=names, data=st.data())
    def cut_out(self, name: str, data: st.DataObject) -> str:
        held = self.files[name]
        start = data.draw(st.integers(0, len(held)))
        stop = data.draw(st.integers(start, len(held)))
        cut = self.next_name()
        self.files[cut] = held[start:stop]
        self.path(cut).write_text("".join(map(record, held[start:stop])))
        return cut

    @rule(chosen=st.lists(names, min_size=1, max_size=4))
    def ingest(self, chosen: list[str]) -> None:
        take_in(self.store, *map(self.path, chosen))
        self.read |= {number for name in chosen for number in self.files[name]}

    @rule(name=names, nth=st.integers(1, 9), number=st.sampled_from([ENOSPC, EIO]))
    def ingest_with_a_fault(self, name: str, nth: int, number: int) -> None:
        before = self.store.snapshot().number
        stop = at_step(nth, failing(number))
        try:
            take_in(self.store, self.path(name))
        except StoreError:
            pass
        else:
            self.read |= set(self.files[name])
        finally:
            stop()
        if self.store.snapshot().number > before:  # it failed once all was done
            self.read |= set(self.files[name])

    @rule()
    def compact(self) -> None:
        self.store.compact()

    @precondition(lambda self: self.read)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.read)))
        wcs.forget(f"user{number}", self.store.path, yes=True)
        self.forgotten.add(number)

    @invariant()
    def the_store_holds_what_was_read_once(self) -> None:
        found = [int(str(name).split("-")[1]) for (name,) in stored(self.store, "session_id")]
        assert sorted(found) == sorted(self.read - self.forgotten)

    @invariant()
    def nothing_is_damaged(self) -> None:
        assert [one for one in checked(self.store.path) if one.damaged] == []


LivingFiles.TestCase.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
TestLivingFiles = LivingFiles.TestCase


A, B = log_of("a", 4), log_of("b", 4, 11)


Told = dict[str, list[tuple[object, ...]]]


def told_of(folder: Path, *ingests: dict[str, bytes]) -> Told:
    """What a store tells into which these files were read, one ingest after the other."""
    store = new_store(folder)
    for files in ingests:
        for name, data in files.items():
            (folder / name).write_bytes(data)
        take_in(store, *(folder / name for name in files))
    with Lake(store) as lake:
        return contents(lake)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return told_of(tmp_path_factory.mktemp("whole"), {"whole": (A + B).encode()})


@pytest.mark.parametrize(
    "ingests",
    [
        [{"a": A.encode()}, {"b": B.encode()}],
        [{"b": B.encode()}, {"a": A.encode()}],
        [{"a.gz": gzip.compress(A.encode()), "b": B.encode()}],
        [{"a": A.encode()}, {"a2": A.encode(), "b": B.encode()}, {"b": B.encode(), "a": A.encode()}],
        [{"a": A.replace("\n", "\r\n").encode(), "b": B.encode()}],
        [{"a": A[:2500].encode()}, {"a": A.encode()}, {"b": B[:700].encode()}, {"b": B.encode()}],
    ],
    ids=["a, b", "b, a", "gz(a) b", "a, a b, b a", "crlf(a) b", "grown"],
)
def test_any_way_to_read_two_logs_tells_the_same(tmp_path: Path, whole: Told, ingests) -> None:
    assert told_of(tmp_path, *ingests) == whole


def test_a_log_that_is_rotated_while_it_is_read_is_all_there_once(tmp_path: Path, whole: Told) -> None:
    store, log = new_store(tmp_path), tmp_path / "flashphoner.log"
    take_in(store, put_log(log, A[:2000]))
    log.write_text(A)
    log.rename(tmp_path / "flashphoner.log.1")
    put_log(log, B[:900])
    take_in(store, log, tmp_path / "flashphoner.log.1")
    put_log(log, B)
    packed = tmp_path / "flashphoner.log.2.gz"
    packed.write_bytes(gzip.compress((tmp_path / "flashphoner.log.1").read_bytes()))
    (tmp_path / "flashphoner.log.1").unlink()
    take_in(store, log, packed)

    with Lake(store) as lake:
        assert contents(lake) == whole


def test_a_log_that_is_copied_and_truncated_is_all_there_once(tmp_path: Path, whole: Told) -> None:
    store, log = new_store(tmp_path), tmp_path / "flashphoner.log"
    take_in(store, put_log(log, A[:2000]))
    log.write_text(A)
    shutil.copy(log, tmp_path / "flashphoner.log.1")
    put_log(log, "")
    take_in(store, log, tmp_path / "flashphoner.log.1")
    put_log(log, B)
    take_in(store, tmp_path / "flashphoner.log.1", log)

    with Lake(store) as lake:
        assert contents(lake) == whole


def test_the_steps_of_an_ingest_are_fewer_than_the_faults_that_are_tried(tmp_path: Path) -> None:
    store = new_store(tmp_path)

    assert len(steps_of(lambda: take_in(store, put_log(tmp_path / "a", record(1))))) <= 9
    assert Store.is_store(store.path)
