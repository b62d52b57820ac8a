"""The README says what is true: its blocks run, its tables are those of the code, it names every command."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from wcsanalytics.cli import program
from wcsanalytics.formats import FORMATS, markdown_formats
from wcsanalytics.protocol import markdown_matrix
from wcsanalytics.reports import NOT_YET, REPORTS
from wcsanalytics.tables import VIEWS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def between(name):
    return re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", README, re.S)[1]


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """An empty folder with the sample data in it."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_tour_runs_in_its_order(checkout):
    commands = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]
    told = {}
    for command in commands:
        program_name, *words = shlex.split(command)
        assert program_name == "wcsanalytics"
        run = subprocess.run(
            [sys.executable, "-W", "error", "-m", "wcsanalytics", *words], capture_output=True, text=True, check=False
        )
        assert (run.returncode, run.stderr) == (0, ""), command
        told[command] = run.stdout

    assert len(commands) == 15
    assert "<html" in (checkout / "lifetime.html").read_text(encoding="utf-8")
    assert "session-debug" in told["wcsanalytics find 1001 store -f table"]


def test_the_python_block_runs(checkout):
    (block,) = blocks("python")
    run = subprocess.run([sys.executable, "-W", "error", "-c", block], capture_output=True, text=True, check=False)

    assert (run.returncode, run.stderr) == (0, "")
    assert "stream_hooks" in run.stdout
    assert (checkout / "quality.html").is_file()


def test_the_first_command_is_the_main_job(checkout):
    setup, job = blocks("sh")[0].strip().rsplit(" && ", 1)
    words = shlex.split(job)
    run = subprocess.run(
        [sys.executable, "-m", "wcsanalytics", *words[1:]], capture_output=True, text=True, check=False
    )

    assert setup == "python3 -m venv .venv && .venv/bin/pip install ."
    assert words[0] == ".venv/bin/wcsanalytics"
    assert (run.returncode, run.stderr) == (0, "")
    assert sorted(path.name for path in (checkout / "reports").iterdir()) == [
        "call-quality.html",
        "conformance.html",
        "index.html",
        "session-debug.html",
        "stream-lifetime.html",
    ]


def test_ci_runs_the_readme_s_test_command():
    steps = blocks("sh")[1].strip().split(" && ")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()

    assert [step for step in steps if step not in script] == []


def test_the_matrix_is_the_declared_one():
    assert between("matrix") == markdown_matrix()


def test_the_formats_are_the_declared_ones():
    assert between("formats") == markdown_formats()
    assert {view for one in FORMATS for view in one.feeds} <= VIEWS.keys()


def test_the_views_are_the_declared_ones():
    rows = [f"| `{view.name}` | {view.meaning} |" for view in VIEWS.values()]

    assert between("views") == "\n".join(["| view | a row is |", "|---|---|", *rows])


def test_every_command_and_report_is_named():
    assert [name for name in program.commands if f"`{name}" not in README] == []
    assert [one.name for one in REPORTS if f"`{one.name}`" not in README] == []
    assert [name for name in NOT_YET if f"`{name}`" not in README] == []
