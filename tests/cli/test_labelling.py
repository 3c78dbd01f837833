"""``firth label``: files directly, and a collection."""

from __future__ import annotations

import shutil

import pytest

from firth import sample as bundled

PICTURES = bundled.path() / "pictures"
NEWS = """\
number,headline,year
1,The goalkeeper saved a penalty,2020
2,籃球隊在決賽中獲勝,2021
3,番茄炒蛋的做法,2022
4,Boil the noodles and fry the garlic,2023
"""


@pytest.fixture
def folder(tmp_path):
    """A few pictures: two of fruit, two of vehicles."""
    photos = tmp_path / "照片"
    photos.mkdir()
    for code, name in {"1f34c": "香蕉", "1f34b": "lemon", "1f68c": "bus", "1f695": "taxi"}.items():
        shutil.copy(PICTURES / f"emoji-{code}.png", photos / f"{name}.png")
    return photos


@pytest.fixture
def news(tmp_path):
    path = tmp_path / "news.csv"
    path.write_text(NEWS, encoding="utf-8")
    return path


class TestFiles:
    @pytest.mark.parametrize("labels", ["fruit,vehicle", "水果，交通工具", "水果、交通工具"])
    def test_a_folder_as_a_table_that_fits(self, run, folder, labels):
        done = run("label", folder, "--with", labels)
        assert (done.code, done.err) == (0, "")
        head, *lines = done.out.splitlines()
        assert head.split() == ["id", "label", "probability"]
        names = {line.split()[0].removeprefix("照片/") for line in lines}
        assert names == {"香蕉.png", "lemon.png", "bus.png", "taxi.png"}
        assert done.widest <= 80

    def test_json(self, run, folder):
        records = run("label", folder, "--with", "fruit", "--with", "vehicle", "--json").records
        assert len(records) == 4
        for record in records:
            assert list(record) == ["id", "label", "probability", "sure", "scores"]
            assert list(record["scores"]) == ["fruit", "vehicle"]
            assert sum(record["scores"].values()) == pytest.approx(1, abs=1e-3)

    def test_a_table_with_a_filter(self, run, news):
        asked = ("label", news, "--id", "number", "--text", "headline", "--with", "sports,cooking", "--json")
        assert {r["id"]: r["label"] for r in run(*asked).records} == {
            "1": "sports",
            "2": "sports",
            "3": "cooking",
            "4": "cooking",
        }
        assert {r["id"] for r in run(*asked, "--where", "year > 2021").records} == {"3", "4"}

    def test_a_label_with_a_comma(self, run, news):
        records = run("label", news, "--with", "ball games, sports", "--with", "cooking", "--json").records
        assert {r["label"] for r in records} == {"ball games, sports", "cooking"}

    def test_lines_are_called_as_they_read(self, run):
        done = run("label", "-", "--with", "食物,交通", "--json", stdin="蘋果很好吃\n\n火車誤點\n".encode())
        assert {r["id"]: r["label"] for r in done.records} == {"蘋果很好吃": "食物", "火車誤點": "交通"}

    def test_what_is_doubtful_is_unsure(self, run, folder):
        asked = ("label", folder, "--with", "lorry,van,truck,coach,fruit")
        doubtful = {r["id"] for r in run(*asked, "--json").records if not r["sure"]}
        lines = [line.split() for line in run(*asked).out.splitlines()[1:]]
        assert {line[0] for line in lines if line[-1] == "unsure"} == doubtful
        assert all(len(line) == (4 if line[0] in doubtful else 3) for line in lines)

    def test_what_cannot_be_read_is_named_and_the_rest_labelled(self, run, folder):
        (folder / "broken.png").write_bytes(b"no picture")
        done = run("label", folder, "--with", "fruit,vehicle", "--json")
        assert done.code == 1
        assert "broken.png" in done.err
        assert len(done.records) == 4

    def test_nothing_is_kept(self, run, folder, firth_home):
        before = sorted(firth_home.rglob("collections/*"))
        run("label", folder, "--with", "fruit,vehicle")
        assert sorted(firth_home.rglob("collections/*")) == before


@pytest.mark.usefixtures("sample")
class TestCollection:
    def test_in_chinese(self, run):
        where = "collection = 'emoji' and name_en in ('lemon', 'banana', 'grapes', 'bus', 'taxi', 'bicycle')"
        done = run("label", "-c", "sample", "--with", "水果,交通工具", "--where", where, "--json")
        assert (done.code, done.err) == (0, "")
        fruit = {"emoji-1f34b", "emoji-1f34c", "emoji-1f347"}
        right = [r["label"] == ("水果" if r["id"] in fruit else "交通工具") for r in done.records]
        assert len(right) == 6
        assert sum(right) >= 4

    def test_the_collection_of_the_environment_gives_way_to_paths(self, run, news, monkeypatch):
        monkeypatch.setenv("FIRTH_COLLECTION", "sample")
        assert len(run("label", news, "--with", "sports,cooking", "--json").records) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--with", "apple"], "two or more"),
        (["--with", "apple,,pear"], "empty label"),
        (["--with", "蘋果,蘋果"], "'蘋果' twice"),
        (["--with", "a,b", "-c", "no-such"], "no collection 'no-such'"),
        (["--with", "a,b", "--text", "headline"], "got no path"),
        (["no-such-folder", "--with", "a,b"], "no-such-folder"),
        ([PICTURES, "-c", "sample", "--with", "a,b"], "leave -c away"),
        ([PICTURES / "emoji-1f34e.png", PICTURES / "emoji-1f34e.png", "--with", "a,b"], "ids that differ"),
        ([], "--with"),
    ],
)
def test_errors(run, arguments, said):
    done = run("label", *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
