"""Fingerprints are made once for a file, and again for another one in its place."""

import os

import pytest

from firth.encoders.digests import file_fingerprint, remembered
from firth.encoders.weights import fingerprint


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FIRTH_HOME", str(tmp_path / "home"))


@pytest.fixture
def path(tmp_path):
    (tmp_path / "模型.bin").write_bytes(b"weights")
    return tmp_path / "模型.bin"


def test_it_is_the_files_own(path):
    for _ in range(2):
        assert file_fingerprint(path, recipe="a") == fingerprint(path, recipe="a")
    assert file_fingerprint(path, recipe="b") != file_fingerprint(path, recipe="a")


def test_a_file_is_read_once(path):
    asked = []
    for _ in range(3):
        assert remembered(path, ["甲", 1], lambda: asked.append(1) or "x") == "x"
    assert len(asked) == 1


def test_another_file_in_its_place_is_read(path):
    before = file_fingerprint(path, recipe="a")
    path.write_bytes(b"other weights")
    longer = file_fingerprint(path, recipe="a")
    path.write_bytes(b"OTHER weights")
    os.utime(path, ns=(1, 1))
    assert len({before, longer, file_fingerprint(path, recipe="a")}) == 3
