"""The door of the package: what it offers, and what it costs to open."""

import subprocess
import sys
from importlib.resources import files

import wcsanalytics

HEAVY = ("duckdb", "jinja2", "matplotlib", "msgspec", "numpy", "pandas", "pyarrow")


def test_help_loads_none_of_the_heavy_libraries():
    code = (
        "import sys\nfrom wcsanalytics.cli import main\nsys.argv = ['wcsanalytics', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )

    assert heavy_after(code) == set()


def test_importing_the_package_loads_none_of_the_heavy_libraries():
    assert heavy_after("import wcsanalytics") == set()


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
