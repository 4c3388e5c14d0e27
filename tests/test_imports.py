"""Who imports whom: one way only, no circle, and no place where everything meets."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("search_spaces", "callbacks", "tuning")
MOST = 10

ORDER = (
    ("search_spaces",),
    ("callbacks",),
    ("tuning.series",),
    ("tuning.algorithms", "tuning.stopping", "tuning.engines", "tuning.runs"),
    ("tuning.models", "tuning.cluster"),
    ("tuning.studies",),
    ("tuning.answers",),
    ("tuning.watchers",),
    ("tuning.progress",),
)
"""Each may import itself and what stands above it; what is in no line may import all."""


def modules() -> dict[str, Path]:
    found = {}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(name: str, *, types: bool) -> set[str]:
    """All of our modules that a module imports, in functions too; for types alone only where asked for."""
    path, found = MODULES[name], set()
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    checked = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    only_types = {one for block in checked for one in ast.walk(block)} if not types else set()
    for node in ast.walk(tree):
        if node in only_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.level:
            home = ".".join(package[: len(package) - node.level + 1] + (node.module or "").split("."))
            home = home.strip(".")
            for one in node.names:
                whole = f"{home}.{one.name}".strip(".")
                found.add(whole if whole in MODULES else home)
    return {one for one in found if one in MODULES} - {name}


GRAPH = {name: imports(name, types=True) for name in MODULES}


def test_the_graph_is_seen():
    assert "search_spaces.trial" in GRAPH["tuning.search"] and len(GRAPH) > 150


def test_no_module_is_imported_in_a_circle():
    done: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            pytest.fail("a circle: " + " -> ".join((*way[way.index(name) :], name)))
        if name not in done:
            for other in GRAPH[name]:
                walk(other, (*way, name))
            done.add(name)

    for name in GRAPH:
        walk(name, ())


@pytest.mark.parametrize("name", sorted(GRAPH))
def test_no_module_imports_more_than_ten_of_ours(name):
    found = imports(name, types=False)
    assert len(found) <= MOST, sorted(found)


def test_imports_go_one_way():
    def floor(name: str) -> int:
        floors = [
            place
            for place, line in enumerate(ORDER)
            if any(name == home or name.startswith(f"{home}.") for home in line)
        ]
        return floors[0] if floors else len(ORDER)

    upward = [(name, other) for name in GRAPH for other in GRAPH[name] if floor(other) > floor(name)]
    assert not upward
