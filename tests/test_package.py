"""The door of the package: what it offers, and what it costs to open."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import wcsanalytics

ROOT = Path(__file__).parents[1]
HEAVY = ("duckdb", "jinja2", "matplotlib", "msgspec", "numpy", "pandas", "pyarrow")


def test_help_loads_none_of_the_heavy_libraries():
    code = (
        "import sys\nfrom wcsanalytics.cli import main\nsys.argv = ['wcsanalytics', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )

    assert heavy_after(code) == set()


def test_importing_the_package_loads_none_of_the_heavy_libraries():
    assert heavy_after("import wcsanalytics") == set()


def test_commands_do_without_pandas_and_leave_it_to_others(tmp_path):
    day, out = str(ROOT / "sample_data" / "day"), str(tmp_path / "told.json")
    code = f"""
import sys
from wcsanalytics.cli import main
sys.argv = ["wcsanalytics", "report", "stream-lifetime", {day!r}, "-o", {out!r}]
try:
    main()
except SystemExit:
    pass
import pyarrow as pa
before = "pandas" in sys.modules
sys.stderr.write(f"{{before}} {{list(pa.table({{'n': [1]}}).to_pandas()['n'])}}")
"""

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stderr.endswith("False [1]")
    assert (tmp_path / "told.json").exists()


def heavy_after(code):
    told = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nsys.stderr.write(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(HEAVY) & set(told.stderr.split())


def test_all_names_can_be_had():
    assert [name for name in wcsanalytics.__all__ if not hasattr(wcsanalytics, name)] == []
    assert wcsanalytics.__all__ == sorted(wcsanalytics.__all__)


def test_queries_and_templates_ship_with_the_package():
    package = files("wcsanalytics")

    assert (package / "py.typed").is_file()
    assert (package / "sql" / "views" / "hooks.sql").is_file()
    assert (package / "render" / "templates" / "report.html.j2").is_file()


def test_the_wheel_is_the_same_however_often_it_is_built(tmp_path):
    digests = set()
    for name in ("first", "second"):
        copied = shutil.copytree(
            ROOT, tmp_path / name, ignore=shutil.ignore_patterns(".*", "tests", "notebooks", "sample_data")
        )
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(copied / "dist")]
        subprocess.run(
            command, cwd=copied, check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1577836800"}
        )
        (wheel,) = (copied / "dist").iterdir()
        digests.add(hashlib.sha256(wheel.read_bytes()).hexdigest())

    assert len(digests) == 1


def test_the_lock_holds_every_dependency_by_its_hash():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    entries = re.split(r"\n(?=[a-z])", (ROOT / "dev.lock").read_text(encoding="utf-8"))[1:]
    locked = dict(re.match(r"([\w.-]+)==([\w.]+)", entry).groups() for entry in entries)
    bounds = dict(re.match(r"([\w.-]+)>=([\d.]+)", one).groups() for one in asked)

    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert {name for name, least in bounds.items() if numbers(locked.get(name, "0")) < numbers(least)} == set()


def numbers(version):
    return [int(number) for number in re.findall(r"\d+", version)]
