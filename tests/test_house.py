"""The house's own rules: which way imports point, what `import firth` may load, how large a room may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import firth

SOURCE = Path(firth.__file__).parent

ROOMS = ["errors", "types", "similarity", "places", "kernel", "sample", "text", "data", "encoders", "stores"]
ROOMS += [
    "ingest",
    "distributed",
    "search",
    "analysis",
    "evaluation",
    "training",
    "maps",
    "listing",
    "notes",
    "mapping",
]
ROOMS += ["moving", "showing", "collection"]
ROOMS += ["opening", "server", "notebook", "cli", "__main__"]
"""In the order of the data's way: a room imports only from rooms before it, and from itself."""

DOOR = "firth"
"""``firth/__init__.py``: hands out names of all rooms when they are asked for; no room goes through it."""

HEAVY = ["pyarrow", "lancedb", "PIL", "onnxruntime", "rich", "typer", "sentencepiece", "lxml"]
LINES_OF_A_FILE = 300
LINES_OF_A_FUNCTION = 40


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


def imported(module: str) -> Iterator[tuple[int, str]]:
    """The line and the module of every import from firth in a module, those inside functions too."""
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name.startswith(DOOR))
        elif isinstance(node, ast.ImportFrom) and (source := absolute(module, node)).startswith(DOOR):
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                if not (source == DOOR and alias.name == "__version__"):
                    yield node.lineno, inner if inner in FILES else source


def absolute(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module if FILES[module].name == "__init__.py" else module.rpartition(".")[0]
    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parents, node.module] if node.module else parents)


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else DOOR


def test_every_room_has_its_place():
    assert {room(module) for module in FILES} - {DOOR} <= set(ROOMS)


@pytest.mark.parametrize("module", [module for module in FILES if module != DOOR])
def test_imports_point_one_way(module):
    allowed = ROOMS[: ROOMS.index(room(module)) + 1]
    wrong = [f"line {line}: {name}" for line, name in imported(module) if room(name) not in allowed]
    assert not wrong, f"{module} may import {allowed} only"


def test_no_module_imports_itself_in_a_circle():
    modules = [module for module in FILES if module != DOOR]
    graph = {module: {name for _, name in imported(module)} - {module} for module in modules}
    assert len(list(TopologicalSorter(graph).static_order())) >= len(graph)


@pytest.mark.parametrize("statement", ["import firth", "from firth import errors, types, similarity, places"])
def test_the_door_is_light(statement):
    listing = f"{statement}; import sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in run.stdout.split()}
    assert "firth" in loaded
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize("module", FILES)
def test_files_are_small(module):
    assert len(FILES[module].read_text(encoding="utf-8").splitlines()) <= LINES_OF_A_FILE


@pytest.mark.parametrize("module", FILES)
def test_functions_are_small(module):
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    assert not {f.name: lines for f in functions if (lines := body_lines(f)) > LINES_OF_A_FUNCTION}


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many lines a function has, its head and its docstring not counted."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


class TestTheWalkItself:
    """The rules above would also hold if the walk saw nothing."""

    def test_it_sees_imports_inside_functions(self):
        assert "firth.data" in {name for _, name in imported("firth.encoders.lite0")}

    def test_it_tells_modules_from_names(self):
        seen = {name for _, name in imported("firth.encoders.e5")}
        assert "firth.encoders.sentencepieces" in seen
        assert "firth.encoders" not in seen

    def test_it_reads_relative_imports(self):
        node = ast.parse("from ..text import fold").body[0]
        assert absolute("firth.encoders.e5", node) == "firth.text"
        (inside,) = ast.parse("from .base import Encoder").body
        assert (
            absolute("firth.encoders", inside)
            == absolute("firth.encoders.e5", inside)
            == "firth.encoders.base"
        )
