"""No fault case is forgotten: each number stands in the table once, and the tests it names are there."""

import subprocess
import sys
import tomllib
from pathlib import Path

TESTS = Path(__file__).parent
CASES = tomllib.loads((TESTS / "reliability_cases.toml").read_text(encoding="utf-8"))["case"]


def test_each_case_stands_in_the_table_once() -> None:
    assert [case["number"] for case in CASES] == list(range(1, 90))


def test_each_case_has_a_test() -> None:
    assert [case["number"] for case in CASES if not case["tests"]] == []


def test_each_named_test_is_collected() -> None:
    named = {test for case in CASES for test in case["tests"]}
    files = sorted({TESTS / test.partition("::")[0] for test in named})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *map(str, files)]
    told = subprocess.run(command, capture_output=True, text=True, cwd=TESTS.parent, check=True).stdout.splitlines()
    collected = {line.removeprefix("tests/") for line in told if "::" in line}
    collected |= {line.partition("[")[0] for line in collected}

    assert named - collected == set()
