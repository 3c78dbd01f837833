"""What the READMEs and the guide show is what happens; the two READMEs show the same."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import firth

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def blocks(file: str, language: str) -> list[str]:
    text = (ROOT / file).read_text("utf-8")
    return [body for kind, body in BLOCK.findall(text) if kind == language]


@pytest.mark.parametrize("file", ["README.md", "docs/guide.md"])
def test_python_blocks_run(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRTH_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    session: dict[str, object] = {}
    for block in blocks(file, "python"):
        exec(compile(block, file, "exec"), session)


def without_comments(block: str) -> str:
    return re.sub(r"\s+#.*", "", block)


def test_readmes_show_the_same() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-TW.md"))
    for language in ("python", "sh"):
        ours, theirs = blocks("README.md", language), blocks("README.zh-TW.md", language)
        assert [without_comments(block) for block in ours] == [without_comments(block) for block in theirs]
    assert len(re.findall(r"^#+ ", english, re.M)) == len(re.findall(r"^#+ ", chinese, re.M))
    assert len(re.findall(r"^\|", english, re.M)) == len(re.findall(r"^\|", chinese, re.M))


def test_the_twelve_lines_are_twelve_at_most() -> None:
    (block,) = blocks("README.md", "python")
    assert len([line for line in block.splitlines() if line.strip()]) <= 12


@pytest.mark.parametrize("file", ["README.md", "README.zh-TW.md", "docs/guide.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert ((ROOT / file).parent / target).exists(), target


def test_ci_calls_the_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "install --quiet '.[dev]'" in script and 'bin/pytest"' in script
    assert ".venv/bin/pip install '.[dev]' && .venv/bin/pytest" in (ROOT / "README.md").read_text("utf-8")


MODULES = [
    "firth",
    *(m.name for m in pkgutil.walk_packages(firth.__path__, "firth.") if m.name != "firth.__main__"),
]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRTH_HOME", str(tmp_path))
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_public_names_are_what_is_there() -> None:
    assert sorted(firth.__all__) == [
        "AddReport",
        "Collection",
        "FirthError",
        "Hit",
        "Item",
        "Metric",
        "Pair",
        "Skipped",
        "collections",
        "cosine",
        "dot",
        "encoder",
        "euclidean",
        "open",
    ]
    assert all(hasattr(firth, name) for name in firth.__all__)
