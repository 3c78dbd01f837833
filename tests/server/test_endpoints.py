"""Every address, on the bundled sample."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

import firth
from firth import sample as bundled
from firth.mapping import Shelf

from .page import tensors


def numbers_of(page, *ids):
    return [item["item"] for item in page.post("/api/items", {"ids": list(ids)})["items"]]


def test_status(page, sample):
    told = page.json("/api/status")
    assert told["items"] == len(sample) == sum(told["kinds"].values())
    assert told["name"] == "test"
    assert told["firth"] == firth.__version__
    assert told["default"] == {"space": "meaning", "method": "umap", "dim": 2}
    assert told["vectors"]["meaning"]["items"] == len(sample)
    assert told["vectors"]["look"]["items"] == told["kinds"]["image"]
    assert {"umap", "pca"} <= set(told["methods"])
    assert not told["reading_only"]


def test_a_map_and_its_points(page, drawn, sample):
    (told,) = [map for map in page.json("/api/maps")["maps"] if map["id"] == drawn]
    assert (told["space"], told["method"], told["dim"], told["items"]) == ("meaning", "pca", 2, len(sample))
    assert told["fresh"]
    assert 0 < told["faithfulness"]["recall"] <= 1
    found, meta = page.binary(f"/api/maps/{drawn}/points")
    kept = next(kept for kept in Shelf(sample.location).all() if kept.plan.id == drawn)
    np.testing.assert_array_equal(found["positions"], kept.map.positions)
    assert meta["version"] == told["version"]
    assert "items" not in found  # their numbers are 0..n-1
    ids = [item["id"] for item in page.post("/api/items", {"items": list(range(20))})["items"]]
    assert ids == list(kept.map.ids[:20])


def test_regions(page, drawn):
    levels = page.json(f"/api/maps/{drawn}/regions")["levels"]
    assert [len(level) for level in levels] == page.binary(f"/api/maps/{drawn}/points")[1]["levels"]
    assert any(region["label"] for region in levels[0])
    codes, meta = page.binary(f"/api/maps/{drawn}/region-codes?level=0")
    assert meta == {"level": 0}
    sizes = np.bincount(codes["codes"]).tolist()
    assert sizes == [region["size"] for region in levels[0]]
    assert page.get(f"/api/maps/{drawn}/region-codes?level=9").status_code == 404


@pytest.mark.parametrize(
    "path", ["/api/maps/{}/points", "/api/maps/{}/regions", "/api/columns/codes?name=kind"]
)
def test_what_the_page_has_is_not_sent_again(page, drawn, path):
    first = page.get(path.format(drawn))
    again = page.get(path.format(drawn), **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert page.get(path.format(drawn), **{"If-None-Match": '"other"'}).content == first.content


def test_columns(page, sample):
    columns = {column["name"]: column for column in page.json("/api/columns")["columns"]}
    assert columns["kind"]["type"] == "category"
    codes, meta = page.binary("/api/columns/codes?name=kind")
    assert meta == columns["kind"]
    assert len(codes["codes"]) == len(sample)
    counted = np.bincount(codes["codes"], minlength=len(meta["values"]) + 2)
    assert counted[1:-1].tolist() == meta["counts"]
    number = int(np.flatnonzero(codes["codes"] == meta["values"].index("image") + 1)[0])
    assert page.post("/api/items", {"items": [number]})["items"][0]["kind"] == "image"


def test_a_column_of_another_name(page):
    answer = page.get("/api/columns/codes?name=field:nothing")
    assert answer.status_code == 404
    assert "kind" in answer.json()["error"]["message"]


def test_items_in_order_and_gone_ones_left_out(page):
    apple, kitten = numbers_of(page, "emoji-1f34e", "clipart-kitten")
    found = page.post("/api/items", {"items": [kitten, 10**6, apple]})["items"]
    assert [item["id"] for item in found] == ["clipart-kitten", "emoji-1f34e"]
    assert found[1]["kind"] == "image"
    assert found[1]["picture"]
    assert found[1]["title"]
    assert set(found[1]["vectors"]) == {"meaning", "look"}
    assert "/" not in found[1]["name"]  # a name, never a path


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": "all"},
        {"items": [-1]},
        {"items": [1.5]},
        {"items": [True]},
        {"items": [0] * 501},
        {"itmes": [0]},
        [],
    ],
)
def test_items_asked_wrongly(page, body):
    status, error = page.error("/api/items", body)
    assert status == 400
    assert "expected" in error["message"]


def test_neighbours_by_each_vector(page, sample):
    (apple,) = numbers_of(page, "emoji-1f34e")
    found = page.json(f"/api/items/{apple}/neighbours?k=5")["neighbours"]
    assert set(found) == {"meaning", "look"}
    for vector, hits in found.items():
        assert [hit["id"] for hit in hits] == sample.similar("emoji-1f34e", k=5, vector=vector).ids
    assert set(page.json(f"/api/items/{apple}/neighbours?vector=look")["neighbours"]) == {"look"}
    assert page.get(f"/api/items/{apple}/neighbours?vector=nothing").status_code == 404


def test_thumbnails(page):
    apple, kitten = numbers_of(page, "emoji-1f34e", "clipart-kitten")
    one = page.get(f"/api/thumbs/{apple}.webp")
    assert one.headers["content-type"] == "image/webp"
    assert max(Image.open(BytesIO(one.content)).size) == 64
    assert page.get(f"/api/thumbs/{apple}.webp", **{"If-None-Match": one.headers["etag"]}).status_code == 304
    text = next(i for i in page.post("/api/search", {"text": "apple", "kind": "text"})["hits"])["item"]
    assert page.get(f"/api/thumbs/{text}.webp").status_code == 404
    answer = page.send("/api/thumbs", {"items": [apple, text, kitten]})
    found, _ = tensors(answer.content)
    starts = [0, *found["ends"].tolist()]
    parts = [found["bytes"][a:b].tobytes() for a, b in pairwise(starts)]
    assert parts[0] == one.content
    assert parts[1] == b""
    assert Image.open(BytesIO(parts[2])).format == "WEBP"


def test_the_picture_itself_is_written_anew(page):
    (apple,) = numbers_of(page, "emoji-1f34e")
    answer = page.get(f"/api/items/{apple}/picture?side=100")
    assert answer.headers["content-type"] == "image/webp"
    assert max(Image.open(BytesIO(answer.content)).size) <= 100
    assert page.get(f"/api/items/{apple}/picture?side=99999").status_code == 400


def test_search_is_the_librarys_search(page, sample):
    found = page.post("/api/search", {"text": "苹果", "k": 5})
    expected = sample.search("苹果", k=5)
    assert [hit["id"] for hit in found["hits"]] == expected.ids
    assert [hit["score"] for hit in found["hits"]] == pytest.approx([hit.score for hit in expected])
    assert [hit["percentile"] for hit in found["hits"]] == pytest.approx([hit.percentile for hit in expected])
    marked = [hit["excerpt"] for hit in found["hits"] if hit["excerpt"]["highlights"]]
    begin, end = marked[0]["highlights"][0]
    assert "果" in marked[0]["text"][begin:end]


def test_search_with_everything(page):
    apple, kitten = numbers_of(page, "emoji-1f34e", "clipart-kitten")
    body = {
        "positive": [{"item": apple}, {"text": "fruit"}],
        "negative": [{"item": kitten}],
        "kind": "image",
        "k": 7,
    }
    found = page.post("/api/search", {**body, "min_percentile": 0, "mode": "vector", "vector": "meaning"})
    assert 0 < len(found["hits"]) <= 7
    assert {hit["kind"] for hit in found["hits"]} == {"image"}
    assert not {apple, kitten} & {hit["item"] for hit in found["hits"]}


def test_no_good_match(page):
    assert page.post("/api/search", {"text": "asdf qwer zxcv", "min_percentile": 99.9}) == {
        "hits": [], "note": "no good match", "vector": None,
    }  # fmt: skip


def test_filter_and_order_by_a_field(page):
    hits = page.post("/api/search", {"text": "apple", "k": 30, "fields": {"language": ["en"]}})["hits"]
    assert {hit["fields"]["language"] for hit in hits} == {"en"}
    ordered = page.post("/api/search", {"text": "apple", "k": 30, "order": "-field:licence"})["hits"]
    values = [hit["fields"].get("licence", "") for hit in ordered]
    assert values == sorted(values, reverse=True)
    assert page.error("/api/search", {"text": "apple", "order": "field:nothing"})[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": " "},
        {"text": 3},
        {"text": "a", "k": 0},
        {"text": "a", "k": 10**9},
        {"text": "a", "mode": "sql"},
        {"text": "a", "kind": "all"},
        {"text": "a", "min_percentile": "x"},
        {"text": "a", "fields": ["x"]},
        {"positive": [{"vector": [1, 2]}]},
    ],
)
def test_search_asked_wrongly(page, body):
    status, error = page.error("/api/search", body)
    assert status == 400
    assert error["message"]


def test_search_by_a_picture(page):
    content = (bundled.path() / "pictures/emoji-1f34e.png").read_bytes()
    taken = page.file("/api/pictures", content).json()
    assert taken["thumb"].startswith("data:image/webp;base64,")
    hits = page.post("/api/search", {"picture": taken["picture"], "k": 3})["hits"]
    assert hits[0]["id"] == "emoji-1f34e"
    assert page.post("/api/search", {"positive": [{"picture": taken["picture"]}], "k": 3})["hits"]


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), (b"GIF89a, no more", 422), (b"<svg onload='x'>", 422), (b"\0" * (20 * 2**20 + 1), 413)],
)
def test_what_is_no_picture(page, content, status):
    answer = page.file("/api/pictures", content)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("method", ["ridge", "logistic"])
def test_a_plane_between_pictures_and_texts(page, drawn, sample, method):
    kinds, meta = page.binary("/api/columns/codes?name=kind")
    a, b = (
        np.flatnonzero(kinds["codes"] == meta["values"].index(kind) + 1)[:60].tolist()
        for kind in ("image", "text")
    )
    answer = page.send("/api/plane", {"space": "meaning", "a": a, "b": b, "map": drawn, "method": method})
    found, told = tensors(answer.content)
    assert len(found["items"]) == len(found["distance"]) == len(sample)
    assert told["verdict"] == "separable"
    assert told["accuracy"] > 0.9 > 0.7 > told["control"]["mean"]
    at = dict(zip(found["items"].tolist(), found["distance"].tolist(), strict=True))
    assert np.mean([at[n] > 0 for n in a]) > 0.9
    assert np.mean([at[n] < 0 for n in b]) > 0.9
    assert told["line"]["exact"]
    assert all(odd["item"] in (a if odd["side"] == "a" else b) for odd in told["odd"])


@pytest.mark.parametrize("groups", [([0], [1, 2]), ([0, 1], [1, 2]), ([0, 1], [])])
def test_a_plane_asked_wrongly(page, groups):
    assert page.error("/api/plane", {"a": groups[0], "b": groups[1]})[0] == 400


def test_nothing_here(page):
    assert page.get("/api/nothing").json()["error"]["next"]
    assert page.client.delete("/api/status", headers={"Origin": "http://127.0.0.1:8420"}).status_code == 405
