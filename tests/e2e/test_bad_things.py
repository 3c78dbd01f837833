"""A folder full of bad things: each is a clear line in the report, and the good ones are added."""

from __future__ import annotations

import os
import socket
import struct
import zlib

import pytest

import firth
from firth import sample

from .conftest import json_lines

APPLE = (sample.path() / "pictures" / "emoji-1f34e.png").read_bytes()


def huge_png() -> bytes:
    """50,000 x 50,000 pixels in some hundred bytes."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(50_000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


FILES = {
    "half.png": APPLE[:700],
    "no picture.jpg": b"this is no picture",
    "blank.png": b"",
    "huge.png": huge_png(),
    "nothing.txt": b"",
    "spaces.md": b" \n\t\n",
    "garbage.txt": "望遠鏡".encode() + b"\xff\xff\x80\x81 and more",
    "nothing.csv": b"",
    "mixed.csv": "id,text\nm1,好\nm2,壞".encode() + b"\xff\xfe\nm3,fine\n",
    "uneven.csv": "id,text\nu1,整齊\nu2,太,多\nu3\nu4,又整齊\n".encode(),
    "twice.csv": "id,text\nt1,第一次\nt1,第二次\n".encode(),
    "broken.jsonl": b'{"id": "j1", "text": "fine"}\n{"id": "j2", "text": \n',
    "broken.parquet": b"PAR1 nothing PAR1",
    "broken.pdf": b"%PDF-1.4 nothing",
    "broken.docx": b"PK\x03\x04 nothing",
    "notes.xyz": b"some other kind",
    "good.txt": b"A telescope shows the stars.",
    "好.md": "望遠鏡能看見星星。".encode(),
    "蘋果.png": APPLE,
}

SKIPPED = {
    "/half.png": "a damaged picture",
    "/no picture.jpg": "not a picture in a known format",
    "/blank.png": "not a picture in a known format",
    "/huge.png": "50,000 x 50,000 pixels are over the limit",
    "/nothing.txt": "empty",
    "/spaces.md": "empty",
    "/garbage.txt": "(0xff) is not UTF-8",
    "/long.txt": "200.0 MiB is over the limit of 64.0 MiB",
    "/nothing.csv": "empty, without even a header",
    "/mixed.csv row 2": "a byte that is not UTF-8 (0xff)",
    "/uneven.csv row 2": "3 cells; the header names 2",
    "/uneven.csv row 3": "1 cells; the header names 2",
    "/twice.csv row 2": "id 't1' again",
    "/broken.jsonl line 2": "not JSON",
    "/broken.parquet": "not a Parquet file",
    "/broken.pdf": "not a PDF",
    "/broken.docx": "not a .docx file",
    "": "ending in .xyz (the first: 壞東西/notes.xyz): not a kind firth reads",
}
ADDED = {"壞東西/good.txt", "壞東西/好.md", "壞東西/蘋果.png", "m1", "m3", "u1", "u4", "t1", "j1"}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "壞東西"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    with (folder / "long.txt").open("wb") as file:
        file.write(b"a long text ")
        file.truncate(200 * 2**20)
    return folder


def skipped_of(report, folder):
    return {skip.source.removeprefix(folder.name): skip.reason for skip in report.skipped}


def test_all_at_once(shell, folder, tmp_path):
    place = tmp_path / "c"
    done = shell.run("add", folder, "-c", place, "--json")
    records = json_lines(done.stdout)
    skipped = {r["source"].removeprefix("壞東西"): r["reason"] for r in records if r["status"] == "skipped"}
    assert (done.returncode, done.stderr) == (1, "")
    assert skipped.keys() == SKIPPED.keys()
    assert {name: reason for name, reason in skipped.items() if SKIPPED[name] not in reason} == {}
    assert {record["id"] for record in records if record["status"] == "added"} == ADDED
    assert {row["id"] for row in firth.open(str(place)).items()} == ADDED
    again_for_a_person(shell, folder, place)


def again_for_a_person(shell, folder, place):
    done = shell.run("add", folder, "-c", place)
    head, *lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    assert head == f"{folder} -> {place}: 0 added, {len(ADDED)} unchanged, {len(SKIPPED)} skipped"
    assert len(lines) == len(SKIPPED)
    assert all(line.startswith("  skipped 壞東西") for line in lines)


@pytest.mark.skipif(os.name == "nt", reason="needs links, pipes and sockets of POSIX")
def test_what_is_no_file_at_all(empty, folder):
    for name in FILES:
        (folder / name).unlink()
    (folder / "long.txt").unlink()
    (folder / "good.txt").write_text("好", "utf-8")
    (folder / "gone.txt").symlink_to(folder / "never there")
    (folder / "itself.txt").symlink_to(folder / "itself.txt")
    (folder / "again").symlink_to(folder)
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind(os.path.relpath(folder / "plug.txt"))  # such a name may not be long
        report = empty.add(folder)
    assert report.added == ("壞東西/good.txt",)
    assert skipped_of(report, folder) == {
        "/again": "a link to a folder that is read already",
        "/gone.txt": "cannot be read: No such file or directory",
        "/itself.txt": "cannot be read: Too many levels of symbolic links",
        "/pipe.txt": "not a regular file",
        "/plug.txt": "not a regular file",
    }


def test_a_folder_that_may_not_be_read(empty, tmp_path, monkeypatch):
    """For root no folder is closed, so the system's refusal is played."""
    locked = tmp_path / "相簿" / "locked"
    locked.mkdir(parents=True)
    (tmp_path / "相簿" / "open.txt").write_text("好", "utf-8")
    scan = os.scandir

    def refusing(path):
        if os.fspath(path) == str(locked):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    report = empty.add(tmp_path / "相簿")
    assert report.added == ("相簿/open.txt",)
    (skip,) = report.skipped
    assert str(skip) == "相簿/locked: cannot be read: Permission denied"
