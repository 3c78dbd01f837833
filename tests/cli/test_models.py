"""``firth models`` and ``embed``."""

from __future__ import annotations

import numpy as np
import pytest

import firth


class TestModels:
    def test_fits_the_terminal_and_names_all(self, run):
        done = run("models")
        assert done.code == 0
        assert done.widest <= 80
        for name in ("e5-small", "use", "lite0", "minilm", "one-hot"):
            assert f"\n{name}" in f"\n{done.out}"

    def test_json(self, run):
        found = {record["name"]: record for record in run("models", "--json").records}
        assert found["use"]["dim"] == 512
        assert found["use"]["installed"] is True
        assert found["lite0"]["modalities"] == ["image"]

    def test_of_those_that_are_named(self, run):
        done = run("models", "use", "joint:use")
        assert done.out.splitlines()[:3] == ["use", "  takes:       text", "  dim:         512"]
        assert "joint:use\n  takes:       text and image\n" in done.out
        (found,) = run("models", "joint:use", "--json").records
        assert found == {
            "name": "joint:use",
            "modalities": ["text", "image"],
            "dim": 512,
            "window": 2048,
            "fingerprint": firth.encoder("joint:use").fingerprint,
        }

    @pytest.mark.parametrize("name", ["no-such", "one-hot", "./no-such"])
    def test_one_that_is_not_there(self, run, name):
        assert run("models", name).code == 2


class TestEmbed:
    def test_texts_as_json_lines(self, run):
        done = run("embed", "蘋果", "apple", "--model", "use")
        assert [record["text"] for record in done.records] == ["蘋果", "apple"]
        assert "蘋果" in done.out
        expected = firth.encoder("use").encode(["蘋果", "apple"])
        assert np.allclose([record["vector"] for record in done.records], expected, atol=1e-6)

    def test_the_environment_names_the_model(self, run):
        assert run("embed", "蘋果").records[0]["model"] == "use"

    def test_lines_to_a_file(self, run, tmp_path):
        path = tmp_path / "向量.npy"
        done = run("embed", "-o", path, stdin="蘋果\n\napple\n".encode())
        assert done.out == f"2 x 512 by use -> {path}\n"
        assert np.array_equal(np.load(path), firth.encoder("use").encode(["蘋果", "apple"]))

    def test_an_unknown_model(self, run):
        done = run("embed", "蘋果", "--model", "e5-smal")
        assert done.code == 2
        assert "Did you mean 'e5-small'?" in done.err

    @pytest.mark.parametrize("lines", [b"", b"\n\n"])
    def test_of_nothing_nothing(self, run, lines):
        done = run("embed", stdin=lines)
        assert (done.code, done.out) == (0, "")
