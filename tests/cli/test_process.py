"""``firth`` as a process of its own: exit codes, the two streams, pipes, terminals."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FIRTH = [sys.executable, "-m", "firth"]


@pytest.fixture
def environment(sample):
    return {**os.environ, "FIRTH_MODEL": "use", "COLUMNS": "80", "FIRTH_COLLECTION": "sample"}


def started(environment, *arguments, stdin=None, **more):
    return subprocess.run(
        [*FIRTH, *arguments], capture_output=True, env={**environment, **more}, input=stdin, timeout=120
    )


def test_an_error_is_one_line_on_stderr(environment):
    done = started(environment, "search", "月", "-c", "沒有")
    assert done.returncode == 2
    assert done.stdout == b""
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("firth: no collection '沒有'")


def test_lines_come_in_and_go_out_as_utf8_whatever_the_locale(environment, tmp_path):
    place = str(tmp_path / "c")
    ascii_only = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    lines = "紅蘋果\n青蘋果\n".encode()
    assert started(environment, "add", "-", "-c", place, stdin=lines, **ascii_only).returncode == 0
    found = started(environment, "search", "紅", "-c", place, **ascii_only)
    assert (found.returncode, found.stderr) == (0, b"")
    assert "紅蘋果" in found.stdout.decode()


def test_skipped_items_are_code_1_and_no_progress_without_a_terminal(environment, tmp_path):
    (tmp_path / "a.txt").write_text("望遠鏡", "utf-8")
    (tmp_path / "b.txt").write_text("", "utf-8")
    done = started(environment, "add", str(tmp_path), "-c", str(tmp_path / ".c"))
    assert (done.returncode, done.stderr) == (1, b"")
    assert "b.txt" in done.stdout.decode()
    assert b"\x1b" not in done.stdout


def test_a_reader_that_stops_reading_gets_no_traceback(environment):
    command = [*FIRTH, "ls", "-n", "600", "--json"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
class TestTerminal:
    def test_matches_are_in_colour(self, environment):
        environment.pop("NO_COLOR", None)
        shown = on_a_terminal([*FIRTH, "search", "苹果公司", "-n", "1"], {**environment, "TERM": "xterm"})
        assert "\x1b[1;33m蘋果公司\x1b[0m" in shown

    @pytest.mark.parametrize("more", [{"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}])
    def test_or_not(self, environment, more):
        shown = on_a_terminal([*FIRTH, "search", "苹果公司", "-n", "1"], {**environment, **more})
        assert "蘋果公司" in shown
        assert "\x1b" not in shown

    def test_progress_is_shown(self, environment, tmp_path):
        (tmp_path / "a.txt").write_text("望遠鏡", "utf-8")
        command = [*FIRTH, "add", str(tmp_path), "-c", str(tmp_path / ".c")]
        shown = on_a_terminal(command, {**environment, "TERM": "xterm"})
        assert "adding" in shown
        assert "1 added" in shown


def on_a_terminal(command, environment) -> str:
    """What a command writes to a terminal."""
    import pty

    master, terminal = pty.openpty()
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal, close_fds=True
    )
    os.close(terminal)
    shown = b""
    while True:
        try:
            block = os.read(master, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not block:
            break
        shown += block
    os.close(master)
    assert process.wait(timeout=60) == 0
    return shown.decode()


def test_a_person_is_told_once_that_kernels_are_missing(run, monkeypatch, tmp_path):
    from firth import kernel

    monkeypatch.setenv("FIRTH_HOME", str(tmp_path))
    monkeypatch.setattr(kernel, "KERNELS", ("_there_is_none",))
    assert run("--version").err == ""  # nobody reads
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert "installed without its kernels" in run("--version").err
    assert run("--version").err == ""
