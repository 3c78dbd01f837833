"""What the READMEs and the guide show is what happens; the two READMEs show the same."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from tests.servers import postgres

import firth
from firth import sample
from firth.cli import main
from firth.encoders.registry import default_text_encoder

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def blocks(file: str, language: str) -> list[str]:
    text = (ROOT / file).read_text("utf-8")
    return [body for kind, body in BLOCK.findall(text) if kind == language]


PAGES = sorted(path.name for path in (ROOT / "docs").glob("*.md") if path.name != "postgres.md")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's place before anything was added, in a window of 80 columns."""
    monkeypatch.setenv("FIRTH_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("FIRTH_MODEL", "FIRTH_COLLECTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("file", ["README.md", *(f"docs/{name}" for name in PAGES)])
def test_a_page_shows_what_happens(file: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    if default_text_encoder() != "e5-small":
        pytest.skip("the pages were made with e5-small, which this machine has no wheel of")
    run_page(file, (ROOT / file).read_text("utf-8"), monkeypatch, capsys)


def run_page(file: str, page: str, monkeypatch: pytest.MonkeyPatch, capsys, *, database: str = "") -> None:
    """From top to bottom: its commands print what is shown, numbers aside; its Python and its SQL run."""
    session: dict[str, object] = {}
    for language, block in BLOCK.findall(page):
        if language == "python":
            exec(compile(block, file, "exec"), session)
        elif language == "sql" and database:
            run_sql(block, database)
        elif language == "console":
            for command, *shown in (step.splitlines() for step in block.split("$ ")[1:]):
                assert masked(printed_by(command, monkeypatch, capsys)) == masked("\n".join(shown)), command


ADDRESS = re.compile(r"postgresql://(\w+)@localhost/firth(?:\?collection=(\w+))?")


def test_the_page_on_postgresql(home: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    pytest.importorskip("psycopg", reason="next: pip install 'firth[postgres]'")
    if default_text_encoder() != "e5-small":
        pytest.skip("the page was made with e5-small, which this machine has no wheel of")

    def here(match: re.Match[str]) -> str:
        user = "postgres" if match[1] == "you" else match[1]
        address = postgres.server().address(match[2] or "", user=user)
        return address if match[2] else address.partition("?")[0]

    page = ADDRESS.sub(here, (ROOT / "docs/postgres.md").read_text("utf-8"))
    (photos,) = re.findall(r'export FIRTH_COLLECTION="(.*)"', page)
    monkeypatch.setenv("FIRTH_COLLECTION", photos)
    shutil.copytree(sample.path() / "pictures", "photos")
    run_page("docs/postgres.md", page, monkeypatch, capsys, database=photos.partition("?")[0])


def printed_by(command: str, monkeypatch: pytest.MonkeyPatch, capsys) -> str:
    monkeypatch.setattr(sys, "argv", shlex.split(command))
    with pytest.raises(SystemExit) as end:
        main()
    printed = capsys.readouterr()
    assert not end.value.code, printed.err
    return printed.out + printed.err


def masked(text: str) -> list[list[str]]:
    """The words of each line, without numbers that differ from machine to machine in the last digits."""
    return [re.sub(r"-?\d+\.\d+", "#", line).split() for line in text.splitlines()]


def run_sql(block: str, database: str) -> None:
    """As a program that knows nothing of firth; what selects must find something."""
    import psycopg

    with psycopg.connect(database) as connection:
        cursor = connection.execute(block)
        while cursor.nextset():
            pass
        assert not cursor.description or cursor.fetchall(), block


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


@pytest.mark.parametrize(
    "file",
    [
        "README.md",
        "README.zh-TW.md",
        "CONTRIBUTING.md",
        "docs/postgres.md",
        *(f"docs/{name}" for name in PAGES),
    ],
)
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
    monkeypatch.chdir(tmp_path)
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
        "train",
    ]
    assert all(hasattr(firth, name) for name in firth.__all__)
