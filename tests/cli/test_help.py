"""Help: every command shows how it is called, in lines that fit."""

from __future__ import annotations

import pytest

COMMANDS = [
    "demo",
    "add",
    "search",
    "similar",
    "duplicates",
    "recommend",
    "serve",
    "map",
    "states",
    "label",
    "tags",
    "axis",
    "probe",
    "status",
    "ls",
    "get",
    "rm",
    "copy",
    "export",
    "embed",
    "models",
]
GROUPS = {
    "train": ["pairs", "interactions"],
    "words": [
        "train",
        "neighbors",
        "analogy",
        "similarity",
        "odd-one-out",
        "onehot",
        "cloze",
        "senses",
        "same-sense",
    ],
}


@pytest.mark.parametrize(
    "command", [*COMMANDS, *(f"{group} {name}" for group, names in GROUPS.items() for name in names)]
)
def test_has_examples_each_on_a_line_of_its_own(run, command):
    done = run(*command.split(), "--help")
    assert done.code == 0
    assert f"\n  firth {command} " in done.out or f"\n  firth {command}\n" in done.out
    assert "\\b" not in done.out
    assert done.widest <= 80


def test_lists_all_commands(run):
    done = run("--help")
    listed = done.out.split("Commands:\n")[1].split("\n\n")[0]
    assert [line.split()[0] for line in listed.splitlines()] == [*COMMANDS, *GROUPS]
    assert done.widest <= 80


def test_without_arguments_it_is_the_help(run):
    done = run()
    assert "Commands:" in done.out + done.err


def test_version(run):
    import firth

    assert run("--version").out == f"{firth.__version__}\n"


def test_an_unknown_command(run):
    done = run("serach")
    assert done.code == 2
    assert "serach" in done.err
