"""``firth train pairs``: one call of the library, told in lines."""

import json
import shutil

import pytest

from firth import sample


@pytest.fixture
def folder(tmp_path):
    """24 pictures; their names say what they show."""
    rows = map(json.loads, (sample.path() / "items.jsonl").read_text("utf-8").splitlines())
    chosen = [row for row in rows if row["collection"] == "emoji"][:24]
    (tmp_path / "emoji").mkdir()
    for row in chosen:
        shutil.copy(sample.path() / row["image"], tmp_path / "emoji" / f"{row['name_en']}.png")
    return tmp_path / "emoji"


def test_a_folder_to_a_model_and_on_to_a_collection(run, folder, tmp_path, shelf):
    model = tmp_path / "mine"
    done = run("train", "pairs", folder, "-o", model, "--tower", "use", "--epochs", "1")
    assert done.code == 0, done.err
    assert "24 pictures, captions: 24 caption" in done.out
    assert "24 captioned by the file's name" in done.out
    assert "recall@1" in done.out
    assert "gap between pictures and captions" in done.out
    assert done.out.splitlines()[-1] == f"Next: firth add photos/ -c new --model {model}"
    added = run("add", folder, "-c", shelf, "--model", model)
    assert added.code == 0, added.err
    found = run("search", "red apple", "-c", shelf, "--mode", "vector", "--json")
    assert "red apple" in json.dumps(found.records[:3])
    again = run("train", "pairs", folder, "-o", model, "--tower", "use")
    assert again.code == 2
    assert "--overwrite" in again.err


def test_json(run, folder, tmp_path):
    done = run("train", "pairs", folder, "-o", tmp_path / "mine", "--tower", "use", "--epochs", "0", "--json")
    (report,) = done.records
    assert report["pictures"] == 24
    assert report["towers"][0]["tower"] == "use"
    assert report["stopped"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--mode", "heads"], "got mode='heads'"),
        (["--image", "file"], "got columns for a folder"),
        (["--tower", "lite0"], "got text encoder 'lite0'"),
    ],
)
def test_what_cannot_be_meant(run, folder, tmp_path, arguments, said):
    done = run("train", "pairs", folder, "-o", tmp_path / "mine", *arguments)
    assert done.code == 2
    assert said in done.err
