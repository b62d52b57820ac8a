"""The benchmarks at their smallest size: that they run, and that what they compare is sound."""

import json
import re
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import main
from tests.benchmarks.gates import Limit
from tests.benchmarks.inputs import Inputs, made
from tests.benchmarks.lookups import LOOKUPS, look_up, report, scan, stores
from tests.benchmarks.stages import STAGES, WALK, where


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def at(cache: Path) -> list[str]:
    return ["--cache", str(cache)]


@pytest.fixture(scope="module")
def inputs(cache: Path) -> Inputs:
    return made(cache, 1)


def test_the_log_is_spoiled_in_each_way(tmp_path: Path) -> None:
    log, capture, halves = made(tmp_path, 20)
    text = log.read_bytes()

    assert len(re.findall(rb"(?m)^\d\d:.* REST OBJECT [=<]", text)) == halves
    assert b"Foreign.java:1" in text
    assert b'"hasVideo" : "true"' in text
    assert text.count(b"\n}\n") + text.count(b"\n}\r\n") < halves  # some are torn
    assert text.count(b"}\r\n") > 20
    assert b'"laterKey" : {' in text
    assert b'"laterKey":{' in capture.read_bytes()


def test_gates_are_measured(inputs: Inputs, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["1", "1", "log-duckdb", "ndjson-auto", "ndjson-lossless", "write", "lifetimes", "differences", *at(cache)])
    measured = dict(re.findall(r"\(`([a-z-]+)`\) \| ([\d.]+) \|", capsys.readouterr().out))

    assert list(measured) == ["log-duckdb", "ndjson-auto", "ndjson-lossless", "write", "lifetimes", "differences"]
    assert measured["differences"] == "0"


def test_an_unknown_gate_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["1", "1", "warp"])

    assert "no gate warp; there are log-cpu, " in capsys.readouterr().err


def test_each_stage_takes_some_of_the_time(inputs: Inputs) -> None:
    spent = where(inputs.log, inputs.halves, 1)

    assert list(spent) == [*STAGES, WALK]
    assert all(value > 0 for value in spent.values())


def test_look_ups_and_reports_run_on_many_commits_and_on_one(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = stores(cache, 800, 2)

    for store in both:
        look_up(str(store))
        assert list(json.loads(capsys.readouterr().out)) == ["open", *LOOKUPS]
    scan(str(both.many))
    report("stream-lifetime", str(both.many))


@pytest.mark.parametrize(("limit", "kept", "broken"), [(Limit("at least", 3), 3, 2.9), (Limit("at most", 3), 3, 3.1)])
def test_a_limit_tells_what_keeps_it(limit: Limit, kept: float, broken: float) -> None:
    assert limit.is_met(kept)
    assert not limit.is_met(broken)
