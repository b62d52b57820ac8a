"""The picture of the house, held against the code."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "wcsanalytics"

MAY_IMPORT = {
    "version": (),
    "errors": (),
    "inert": (),
    "loading": (),
    "memory": (),
    "remembering": (),
    "protocol": ("errors",),
    "tables": ("errors", "protocol"),
    "sources": ("errors",),
    "clock": ("errors",),
    "redact": ("protocol", "remembering"),
    "pseudonyms": ("tables",),
    "formats": ("tables", "clock", "redact"),
    "store": ("tables",),
    "intake": ("formats", "sources", "store", "pseudonyms"),
    "lake": ("store", "tables", "inert"),
    "quality": ("errors",),
    "reports": ("lake", "quality", "protocol"),
    "charts": ("quality", "inert"),
    "render": ("charts", "reports", "inert"),
    "api": ("render", "reports", "charts", "lake", "intake", "inert"),
    "cli": ("api", "version", "loading", "memory"),
}
"""Each room and those it may import, besides what these may import in their turn."""

READING_ROOMS = ("lake", "quality", "reports", "charts", "render", "store")
LAZY_ROOMS = ("cli", "__init__")
"""Rooms that import inside functions, so that `--help` and `import wcsanalytics` stay light."""


def reachable(room):
    return {room}.union(*(reachable(other) for other in MAY_IMPORT[room]))


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def for_types(tree):
    """Nodes that only a type checker runs."""
    guards = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    )
    return {id(inner) for guard in guards for inner in ast.walk(guard)}


def rooms_imported(tree):
    """Rooms that the code imports when it runs, each with its line."""
    skipped = for_types(tree)
    for node in ast.walk(tree):
        if id(node) in skipped or not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "wcsanalytics":
            names = [f"wcsanalytics.{alias.name}" for alias in node.names]
        else:
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith("wcsanalytics."))


def test_every_module_stands_in_a_room():
    rooms = {room_of(path) for path in modules()} - {"__init__", "__main__"}

    assert rooms == set(MAY_IMPORT)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_go_one_way(path):
    room = room_of(path)
    if room in ("__init__", "__main__"):
        return

    assert set(rooms_imported(parsed(path))) - reachable(room) == set()


@pytest.mark.parametrize("room", READING_ROOMS)
def test_what_reads_knows_no_log_format(room):
    assert {"formats", "intake"} & reachable(room) == set()


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_import_of_ours_hides_in_a_function(path):
    if room_of(path) in LAZY_ROOMS:
        return
    functions = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef)]

    assert [room for function in functions for room in rooms_imported(function)] == []


@pytest.mark.parametrize("folder", sorted({path.parent for path in modules()}), ids=lambda path: path.name)
def test_no_module_has_the_name_of_a_public_function_beside_it(folder):
    beside = [path for path in modules() if path.parent == folder]
    functions = {
        node.name
        for path in beside
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }

    assert functions & {path.stem for path in beside} == set()
