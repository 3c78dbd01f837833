"""``firth search``, ``similar`` and ``duplicates``, on the whole sample."""

from __future__ import annotations

import pytest

from firth import sample as bundled

QUERIES = {
    "用望遠鏡看星星": "sentence-telescope-zh",
    "望远镜": "sentence-telescope-zh",
    "see the stars using a telescope": "sentence-telescope-en",
    "To Kill a Mockingbird": "book-4",
    "苹果公司": "wikipedia-2501-1",
}

pytestmark = pytest.mark.usefixtures("sample")


class TestSearch:
    @pytest.mark.parametrize(("query", "id"), QUERIES.items())
    def test_the_right_item_comes_first_in_lines_that_fit(self, run, query, id):
        done = run("search", query, "-c", "sample", "-n", 5)
        assert (done.code, done.err) == (0, "")
        head, first, *rest = done.out.splitlines()
        assert head.split() == ["score", "%", "id", "text"]
        assert id in first.split()
        assert len(rest) == 4
        assert done.widest <= 80
        assert "\x1b" not in done.out

    def test_json_holds_the_whole_hit(self, run):
        (hit,) = run("search", "苹果公司", "-c", "sample", "-n", 1, "--json").records
        assert hit["id"] == "wikipedia-2501-1"
        assert "蘋果公司" in hit["text"]
        assert hit["fields"]["language"] == "zh-Hant"
        assert {"score", "kind", "path", "passage", "percentile"} < set(hit)

    def test_json_leaves_chinese_readable(self, run):
        assert "蘋果公司" in run("search", "苹果公司", "-c", "sample", "-n", 1, "--json").out

    def test_a_filter_comes_before_the_search(self, run):
        asked = ("search", "月", "-c", "sample", "--where", "collection = 'book' and year > 2000", "--json")
        hits = run(*asked).records
        assert len(hits) == 10
        assert all(hit["fields"]["year"] > 2000 for hit in hits)

    def test_a_picture_finds_itself_then_its_like(self, run):
        apple = bundled.path() / "pictures" / "emoji-1f34e.png"
        first, *others = run("search", "--image", apple, "-c", "sample", "--json").records
        assert first["id"] == "emoji-1f34e"
        assert first["score"] == pytest.approx(1, abs=1e-5)
        assert "emoji-1f34f" in [hit["id"] for hit in others]

    def test_examples_that_are_wanted_and_not(self, run):
        liked = run("search", "--like", "id:book-4", "--like", "正義", "-c", "sample", "--json").records
        unliked = run(
            "search", "--like", "id:book-4", "--unlike", f"id:{liked[0]['id']}", "-c", "sample", "--json"
        ).records
        assert "book-4" not in [hit["id"] for hit in liked]
        assert unliked[0]["id"] != liked[0]["id"]

    @pytest.mark.parametrize("mode", ["hybrid", "vector", "text"])
    def test_modes(self, run, mode):
        hits = run("search", "telescope", "-c", "sample", "--mode", mode, "--json").records
        assert "sentence-telescope-en" in [hit["id"] for hit in hits[:3]]

    def test_no_good_match(self, run):
        done = run("search", "qwxyz", "-c", "sample", "--mode", "vector", "--min-percentile", "100")
        assert (done.code, done.out) == (0, "no good match\n")

    def test_ids_take_the_room_that_short_texts_leave(self, run, tmp_path, shelf):
        name = "一個很長的檔案名稱也要看得見而不被截斷.png"
        (tmp_path / name).write_bytes((bundled.path() / "pictures" / "emoji-1f34e.png").read_bytes())
        run("add", tmp_path / name, "-c", shelf)
        done = run("search", "apple", "-c", shelf)
        assert name in done.out
        assert done.widest <= 80


class TestSearchErrors:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["月", "--where", "month > 3"], "no field 'month'"),
            (["月", "--where", "year >"], "the filter"),
            (["月", "--mode", "magic"], "got mode='magic'; expected one of hybrid, vector, text"),
            (["月", "--metric", "manhattan"], "got metric 'manhattan'"),
            (["月", "--vector", "smell"], "this collection has"),
            ([], "nothing to search by"),
        ],
    )
    def test_is_one_message_and_code_2(self, run, arguments, message):
        done = run("search", *arguments, "-c", "sample")
        assert done.code == 2
        assert done.out == ""
        assert done.err.startswith("firth: ")
        assert message in done.err

    @pytest.mark.parametrize(
        "command", [["search", "月"], ["similar", "1"], ["duplicates"], ["status"], ["ls"]]
    )
    def test_an_unknown_collection_names_the_others(self, run, command):
        done = run(*command, "-c", "沒有")
        assert done.code == 2
        assert "no collection '沒有'. There are: " in done.err
        assert "sample" in done.err

    def test_a_picture_that_is_not_there_is_named(self, run):
        done = run("search", "--image", "沒有.png", "-c", "sample")
        assert done.code == 2
        assert "'沒有.png' does not exist" in done.err


class TestSimilar:
    def test_finds_the_nearest_but_not_itself(self, run):
        done = run("similar", "sentence-telescope-zh", "-c", "sample", "-n", 3)
        assert done.code == 0
        assert "sentence-telescope-en" in done.out
        assert "sentence-telescope-zh" not in done.out
        assert done.widest <= 80

    def test_by_another_vector(self, run):
        hits = run("similar", "emoji-1f34e", "-c", "sample", "--vector", "look", "--json").records
        assert all(hit["kind"] == "image" for hit in hits)

    def test_an_unknown_id(self, run):
        done = run("similar", "沒有", "-c", "sample")
        assert done.code == 2
        assert "no item has the id '沒有'" in done.err


class TestDuplicates:
    def test_pairs_fit_the_terminal(self, run):
        done = run("duplicates", "-c", "sample", "--threshold", "0.8")
        assert done.code == 0
        assert done.out.splitlines()[0].split() == ["cosine", "id", "other"]
        assert done.widest <= 80

    def test_long_ids_share_the_room(self, run, tmp_path, shelf):
        folder = tmp_path / "一個名字很長的資料夾裡面有照片"
        folder.mkdir()
        for name in ("第一張一模一樣的紅蘋果照片.png", "第二張一模一樣的紅蘋果照片.png"):
            (folder / name).write_bytes((bundled.path() / "pictures" / "emoji-1f34e.png").read_bytes())
        run("add", folder, "-c", shelf)
        done = run("duplicates", "-c", shelf)
        assert done.out.count("…") == 2
        assert 70 <= done.widest <= 80

    def test_json(self, run):
        pairs = run("duplicates", "-c", "sample", "--threshold", "0.8", "--json").records
        assert pairs
        assert all(pair["score"] >= 0.8 for pair in pairs)

    def test_none(self, run, added):
        assert run("duplicates", "-c", added).out == "no two items reach a cosine of 0.97\n"


class TestCollectionByEnvironment:
    def test_is_honoured(self, run, monkeypatch):
        monkeypatch.setenv("FIRTH_COLLECTION", "sample")
        assert "sentence-telescope-zh" in run("search", "望遠鏡").out

    def test_the_option_wins(self, run, monkeypatch, added):
        monkeypatch.setenv("FIRTH_COLLECTION", "sample")
        assert "4 items" in run("status", "-c", added).out
