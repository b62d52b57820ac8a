"""A store under faults: all of an action or nothing of it, and once done again, as if nothing had been."""

import errno
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import faults
from tests.faults import ACTIONS, DONE, REFUSED, at_step, die, failing, held, in_a_child, left_lying, log_of, outcome
from tests.support import contents, new_store, take_in
from wcsanalytics.errors import StoreError
from wcsanalytics.lake import Lake
from wcsanalytics.store import Store

STEPS = {
    "make store", "write part", "name part", "flush parts", "write commit", "publish commit", "flush commit", "sweep",
}  # fmt: skip


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return faults.logs_in(tmp_path_factory.mktemp("logs"))


class Ground:
    """An action, a store to do it to, and the steps that it takes."""

    def __init__(self, name: str, folder: Path, logs: Path) -> None:
        self.act, ingests = ACTIONS[name]
        self.name, self.folder, self.logs = name, folder, logs
        self.base = faults.prepared(folder / "base", logs, ingests)
        self.clean = faults.copy_of(self.base, folder / "clean")
        self.steps = faults.steps_of(lambda: self.act(self.clean, logs))
        self.before, self.after = held(self.base), held(self.clean)

    def store(self) -> Store:
        return faults.copy_of(self.base, self.folder / f"store-{len(list(self.folder.iterdir()))}")

    def done_again(self, store: Store) -> None:
        self.act(store, self.logs)
        assert held(store) == self.after
        assert left_lying(store) == []
        shutil.rmtree(store.path)


@pytest.fixture(scope="module", params=ACTIONS)
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, logs: Path) -> Ground:
    return Ground(request.param, tmp_path_factory.mktemp("faults"), logs)


def test_every_step_is_taken_by_an_action_that_is_killed_here(tmp_path: Path, logs: Path) -> None:
    named = re.findall(r"step\(\"([\w ]+)\"\)", "".join(path.read_text() for path in package("store", "intake")))
    taken = {step for name in ACTIONS for step in Ground(name, tmp_path / name, logs).steps}

    assert set(named) == taken == STEPS


def package(*rooms: str) -> Iterator[Path]:
    return (path for room in rooms for path in (faults.ROOT / "wcsanalytics" / room).glob("*.py"))


def test_killed_before_any_step_it_is_all_or_nothing(ground: Ground) -> None:
    outcomes = []
    for nth in range(1, len(ground.steps) + 1):
        store = ground.store()

        def act(store: Store = store, nth: int = nth) -> None:
            at_step(nth, die)
            ground.act(store, ground.logs)

        assert in_a_child(act) == -signal.SIGKILL
        outcomes.append(outcome(store, ground.before, ground.after))
        ground.done_again(store)

    at_publish = ground.steps.index("publish commit") + 1
    if ground.before == ground.after:  # what is merged tells the same
        assert set(outcomes) == {"after"}
    else:
        assert (set(outcomes[:at_publish]), set(outcomes[at_publish:])) == ({"before"}, {"after"})


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=["ENOSPC", "EIO"])
def test_a_disk_that_fails_at_any_step_leaves_all_or_nothing(ground: Ground, number: int) -> None:
    for nth, step in enumerate(ground.steps, 1):
        store = ground.store()
        stop = at_step(nth, failing(number))
        with pytest.raises(StoreError, match=os.strerror(number)):
            ground.act(store, ground.logs)
        stop()
        is_after = step in ("flush commit", "sweep") and "publish commit" in ground.steps[: nth - 1]
        assert held(store) == (ground.after if is_after else ground.before)
        ground.done_again(store)


@pytest.mark.parametrize("step", ["publish commit", "flush commit"])
def test_nothing_is_deleted_once_it_is_not_known_what_became_of_a_commit(ground: Ground, step: str) -> None:
    store, seen = ground.store(), set[Path]()

    def fail() -> None:
        seen.update(path for path in store.path.rglob("*") if path.is_file())
        failing(errno.EIO)()

    stop = at_step(ground.steps.index(step) + 1, fail)
    with pytest.raises(StoreError):
        ground.act(store, ground.logs)
    stop()

    assert [path for path in seen if not path.exists()] == []


@pytest.mark.parametrize("share", ["0", "1", "100", "512", "4096", "half", "all but one"])
def test_a_limit_of_file_size_leaves_it_as_it_was_or_done(ground: Ground, share: str) -> None:
    largest = max(path.stat().st_size for path in ground.clean.path.rglob("*") if path.is_file())
    size = {"half": largest // 2, "all but one": largest - 1}.get(share) or int(share if share.isdigit() else 0)
    store = ground.store()

    def act() -> None:
        faults.limited_to(size)
        ground.act(store, ground.logs)

    code = in_a_child(act)
    assert code in (DONE, REFUSED)
    assert held(store) == (ground.after if code == DONE else ground.before)
    ground.done_again(store)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("nth", [3, 20, 60])
def test_killed_in_a_system_call_it_is_all_or_nothing(ground: Ground, nth: int) -> None:
    store = ground.store()
    calls = f"inject={faults.LASTING}:signal=KILL:when={nth}"
    traced = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", str(store.path), "-e", calls]
    program = [*traced, *faults.command(ground.name, store.path, ground.logs)]
    run = subprocess.run(program, cwd=faults.ROOT, check=False, capture_output=True)
    if b"ptrace" in run.stderr.lower():
        pytest.skip("processes can't be traced here")

    assert outcome(store, ground.before, ground.after) in ("before", "after")
    ground.done_again(store)


def test_killed_at_a_few_random_moments_it_is_all_or_nothing(tmp_path: Path) -> None:
    counts = faults.trial(tmp_path, 1, faults.killed_at_random)

    assert {name: (count["TORN"], count["not mended"]) for name, count in counts.items()} == dict.fromkeys(
        ACTIONS, (0, 0)
    )


def test_what_a_commit_names_is_flushed_before_it_and_names_after(tmp_path: Path, logs: Path, monkeypatch) -> None:
    done: list[tuple[str, str]] = []
    flush, rename, link = os.fsync, Path.rename, os.link

    def relative(path: object) -> str:
        return os.path.relpath(str(path), tmp_path)

    def note_flush(descriptor: int) -> None:
        done.append(("flush", relative(Path(f"/proc/self/fd/{descriptor}").readlink())))
        flush(descriptor)

    def note_rename(path: Path, target: Path) -> Path:
        done.append(("name", relative(target)))
        return rename(path, target)

    def note_link(path: Path, target: Path) -> None:
        done.append(("name", relative(target)))
        link(path, target)

    monkeypatch.setattr(os, "fsync", note_flush)
    monkeypatch.setattr(Path, "rename", note_rename)
    monkeypatch.setattr(os, "link", note_link)
    store = new_store(tmp_path)
    take_in(store, logs / "a.log")
    (commit,) = store.snapshot().commits
    published = done.index(("name", "store/commits/00000001.json"))

    assert ("flush", "store/commits/00000001.tmp") in done[:published]
    assert done[published + 1] == ("flush", "store/commits")
    for part in commit.parts:
        path = f"store/{part.path}"
        written, named = done.index(("flush", path.replace(".parquet", ".tmp"))), done.index(("name", path))
        assert written < named < done.index(("flush", str(Path(path).parent)), named) < published
    assert {"store/parts", "store"} <= {path for what, path in done[:published] if what == "flush"}
    assert ("flush", ".") in done


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 200 kB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", place], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_file_system_that_is_enlarged_later(small: Path, tmp_path: Path, logs: Path) -> None:
    store, clean = Store(small / "store"), new_store(tmp_path)
    faults.second_ingest(clean, logs)
    with pytest.raises(StoreError, match="No space left on device"):
        faults.second_ingest(store, logs)
    assert held(store) == {}
    subprocess.run(["mount", "-o", "remount,size=8m", small], check=True)
    faults.second_ingest(store, logs)

    assert held(store) == held(clean)


def test_five_at_once_with_overlapping_inputs_are_the_union_once(tmp_path: Path) -> None:
    names = "abcdefg"
    folder, clean = tmp_path / "logs", new_store(tmp_path / "clean")
    folder.mkdir()
    for name in names:
        (folder / f"{name}.log").write_text(log_of(name, 6))
        (folder / f"{name}-begun.log").write_text(log_of(name, 6)[:4000])
    take_in(clean, *(folder / f"{name}.log" for name in names))
    store = new_store(tmp_path)
    children = []
    for number in range(5):
        mine = [folder / f"{name}{kind}.log" for name in names[number : number + 3] for kind in ("", "-begun")]
        if (child := os.fork()) == 0:
            code = 1
            try:
                take_in(Store(store.path), *mine[:: -1 if number % 2 else 1])
                code = DONE
            finally:
                os._exit(code)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]

    assert codes == [DONE] * 5
    with Lake(store) as shared, Lake(clean) as alone:
        assert contents(shared) == contents(alone)


def test_a_reader_that_polls_sees_whole_commits_and_never_goes_back(tmp_path: Path) -> None:
    store, steps = new_store(tmp_path), 12
    text = [log_of("grown", number) for number in range(1, steps + 1)]
    child = os.fork()
    if child == 0:
        code = 1
        try:
            for told in text:
                (tmp_path / "a.log").write_text(told)
                take_in(Store(store.path), tmp_path / "a.log")
            store.compact()
            code = DONE
        finally:
            os._exit(code)
    seen: list[tuple[int, int]] = []
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        current = store.snapshot()
        seen.append((current.number, sum(part.rows for part in current.parts)))
    seen.append((store.snapshot().number, sum(len(rows) for rows in held(store).values())))

    assert seen == sorted(seen)
    assert {rows for _, rows in seen} <= {3 * number for number in range(steps + 1)}
    assert seen[-1] == (steps + 1, 3 * steps)


def test_a_killed_holder_of_the_lock_frees_it(tmp_path: Path, logs: Path) -> None:
    store = new_store(tmp_path)
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        with store.writing():
            os.write(told, b".")
            while True:
                time.sleep(60)  # holds the lock until it is killed
    assert os.read(ready, 1) == b"."
    with pytest.raises(StoreError, match="another program has been writing"), store.writing(0.1):
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)

    assert take_in(store, logs / "a.log", lock_timeout_s=0).commit == 1
