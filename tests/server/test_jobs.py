"""Long work: drawn while watched, stopped, compared, saved; and files that come in."""

from __future__ import annotations

from base64 import b64decode

import numpy as np
import pytest

from firth import sample as bundled
from firth.server.uploads import Uploads, safe_name

from .page import Page


def upload(page, files):
    handle = page.post("/api/uploads", {})["upload"]
    for name, content in files.items():
        answer = page.file(f"/api/uploads/{handle}/files?name={name}", content)
        assert answer.status_code == 200, answer.text
    return handle


def test_a_map_settles_while_it_is_watched(page, sample):
    job = page.post("/api/jobs", {"kind": "map", "space": "meaning", "method": "umap", "again": True})
    events = page.events(job["id"])
    jobs = [data for name, data in events if name == "job"]
    frames = [data for name, data in events if name == "frame"]
    assert jobs[-1]["state"] == "done"
    assert jobs[-1]["result"]["map"] in {map["id"] for map in page.json("/api/maps")["maps"]}
    shares = [data["share"] for data in jobs]
    assert shares == sorted(shares)
    assert "items" in frames[0]
    items = np.frombuffer(b64decode(frames[0]["items"]), "<u4")
    assert len(items) == len(sample)
    for frame in frames:
        codes = np.frombuffer(b64decode(frame["positions"]), "<u2").reshape(-1, frame["dim"])
        assert len(codes) == len(items)
        assert codes.max() == 65535
    # who comes late sees how it ended
    assert page.events(job["id"])[-1][1]["state"] == "done"
    assert job["id"] in [old["id"] for old in page.json("/api/jobs")["jobs"]]


def test_a_fresh_map_is_not_drawn_again(page, drawn):
    before = page.binary(f"/api/maps/{drawn}/points")[1]["version"]
    assert page.finished({"kind": "map", "method": "pca"})["result"] == {"map": drawn}
    assert page.binary(f"/api/maps/{drawn}/points")[1]["version"] == before


def test_a_job_is_cancelled_and_the_next_goes_on(page):
    first = page.post("/api/jobs", {"kind": "map", "method": "umap", "dim": 3})
    second = page.post("/api/jobs", {"kind": "map", "method": "pca"})
    third = page.post("/api/jobs", {"kind": "map", "method": "umap", "dim": 3})
    assert page.post(f"/api/jobs/{third['id']}/cancel", {})["state"] == "cancelled"  # it had not begun
    page.post(f"/api/jobs/{first['id']}/cancel", {})
    assert page.events(first["id"])[-1][1]["state"] == "cancelled"
    assert page.events(second["id"])[-1][1]["state"] == "done"
    assert not [map for map in page.json("/api/maps")["maps"] if map["dim"] == 3]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "dance"},
        {"kind": "map", "method": "magic"},
        {"kind": "map", "dim": 4},
        {"kind": "map", "path": "/"},
        {"kind": "add", "upload": "/etc"},
        {"kind": "compare", "a": "look", "b": "look"},
    ],
)
def test_jobs_asked_wrongly(page, body):
    assert page.error("/api/jobs", body)[0] in (400, 404)


def test_a_job_that_fails_says_why(page):
    job = page.finished({"kind": "map", "space": "nothing"})
    assert (job["state"], job["error"]["type"]) == ("failed", "UnknownNameError")
    assert "meaning" in job["error"]["message"]


def test_two_vectors_are_compared(page):
    started = page.post("/api/jobs", {"kind": "compare", "a": "meaning", "b": "look", "method": "pca"})
    steps = [data for name, data in page.events(started["id"]) if name == "job"]
    assert [step["share"] for step in steps] == sorted(step["share"] for step in steps)
    job = steps[-1]
    assert job["state"] == "done", job["error"]
    told = page.json(f"/api/compares/{job['result']['compare']}")
    found, meta = page.binary(f"/api/compares/{job['result']['compare']}/points")
    assert told["items"] == len(found["items"]) == page.json("/api/status")["vectors"]["look"]["items"]
    assert found["a"].shape == found["b"].shape == (told["items"], 2)
    assert 0 < told["overlap_mean"] < 1
    assert told["overlap_mean"] == pytest.approx(found["overlap"].mean() / 255, abs=0.01)
    assert told["most"][0]["overlap"] == pytest.approx(found["overlap"].min() / 255, abs=0.01)
    assert told["b"]["aligned_to"] == told["a"]["id"]
    np.testing.assert_allclose(((found["a"] - found["b"]) ** 2).sum(1) ** 0.5, found["moved"], rtol=1e-3)
    assert meta["k"] == told["k"]


def test_before_and_after(shelf):
    assert shelf.post("/api/states", {"name": "before 之前", "vector": "meaning"})["items"] == 12
    assert shelf.error("/api/states", {"name": "before 之前"})[0] == 400
    body = {"kind": "compare", "a": "saved:before 之前", "b": "meaning", "method": "pca"}
    same = shelf.finished(body)
    assert shelf.json(f"/api/compares/{same['result']['compare']}")["overlap_mean"] == 1
    handle = upload(
        shelf, {"more.jsonl": b'{"id": "0", "text": "a green pear"}\n{"id": "new", "text": "a train"}\n'}
    )
    assert shelf.finished({"kind": "add", "upload": handle, "text": ["text"], "id": "id"})["state"] == "done"
    now = shelf.finished(body)
    assert now["state"] == "done", now["error"]
    assert shelf.json(f"/api/compares/{now['result']['compare']}")["items"] == 12
    (state,) = shelf.json("/api/states")["states"]
    assert (state["name"], state["space"]) == ("before 之前", "saved:before 之前")
    assert shelf.post("/api/states/remove", {"name": "before 之前"}) == {"states": []}


def test_files_come_in_and_the_map_goes_on(shelf, folder):
    first = shelf.finished({"kind": "map", "method": "pca"})["result"]["map"]
    were, _ = shelf.binary(f"/api/maps/{first}/points")
    picture = (bundled.path() / "pictures/emoji-1f34e.png").read_bytes()
    handle = upload(
        shelf, {"../../apple.png": picture, "note.txt": "蘋果很好吃".encode(), "broken.png": b"no"}
    )
    job = shelf.finished({"kind": "add", "upload": handle})
    assert (job["result"]["added"], job["result"]["skipped_count"]) == (2, 1)
    assert "broken.png" in job["result"]["skipped"][0]["source"]
    assert sorted(job["result"]["items"]) == [12, 13]  # numbers go on, those that were stay
    assert {"apple.png", "note.txt"} <= {
        item["id"] for item in shelf.post("/api/items", {"items": [12, 13]})["items"]
    }
    assert not next(map for map in shelf.json("/api/maps")["maps"] if map["id"] == first)["fresh"]
    assert shelf.finished({"kind": "map", "method": "pca"})["result"]["map"] == first
    now, meta = shelf.binary(f"/api/maps/{first}/points")
    at = {int(n): place.tolist() for n, place in zip(now["items"], now["positions"], strict=True)}
    assert len(at) == len(folder) == 14
    assert list(at) != list(range(14))  # those that came have the last numbers, and lie among the others
    assert meta["fresh"]
    assert "items" not in were  # then numbers are 0..n-1
    assert [at[n] for n in range(12)] == were["positions"].tolist()


def test_removed_items_leave_holes(shelf, folder):
    ids = [item["id"] for item in shelf.post("/api/items", {"items": list(range(12))})["items"]]
    folder.remove(ids[3])
    assert [item["item"] for item in shelf.post("/api/items", {"items": [2, 3, 4]})["items"]] == [2, 4]
    assert shelf.get("/api/items/3/neighbours").status_code == 404


@pytest.mark.parametrize("name", ["x.exe", "..", "", "a.png/"])
def test_files_that_cannot_be_added(shelf, name):
    handle = shelf.post("/api/uploads", {})["upload"]
    answer = shelf.file(f"/api/uploads/{handle}/files?name={name}", b"x")
    assert answer.status_code == 400
    assert "expected" in answer.json()["error"]["message"]


def test_an_upload_that_is_not_there(shelf):
    assert shelf.file("/api/uploads/..%2f..%2fx/files?name=a.txt", b"x").status_code == 404


def test_names_of_files(tmp_path, monkeypatch):
    monkeypatch.setenv("FIRTH_HOME", str(tmp_path))
    uploads = Uploads(str(tmp_path / "c"))
    handle = uploads.begin()
    first = uploads.take(handle, "/etc/cron.d/貓.txt", b"one")
    assert first.name == "貓.txt"
    assert tmp_path in first.parents
    assert uploads.take(handle, "貓.txt", b"one") == first
    other = uploads.take(handle, "貓.txt", b"two")
    assert (other.name, first.read_bytes()) == ("貓-2.txt", b"one")
    assert uploads.files(handle) == [first, other]
    assert len(safe_name("長" * 500 + ".txt").encode()) <= 120
    assert safe_name("長" * 500 + ".txt").endswith(".txt")
    assert safe_name("a\0b\nc\u202e.txt") == "abc.txt"


def test_a_collection_in_memory_has_a_page_too(empty):
    empty.add(["red apple", "green apple", "yellow lemon", "a train"])
    page = Page(empty)
    assert page.finished({"kind": "map", "method": "pca"})["state"] == "done"
    handle = upload(page, {"note.txt": b"another train"})
    assert page.finished({"kind": "add", "upload": handle})["result"]["added"] == 1
    assert len(empty) == 5


def test_an_empty_collection_has_a_page_too(empty):
    page = Page(empty)
    assert page.json("/api/status")["items"] == 0
    assert page.json("/api/maps") == {"maps": []}
    assert page.json("/api/columns") == {"columns": []}
    assert page.post("/api/search", {"text": "apple"})["hits"] == []
    assert page.finished({"kind": "map"})["state"] == "failed"
