"""The page as one file: everything inside, nothing asked of anyone, and no text breaks out."""

from __future__ import annotations

import json
import re
from base64 import b64decode

import numpy as np
import pytest

from firth.mapping import Kept, Plan, Shelf, mapped
from firth.server.standalone import one_file

from .page import tensors

EVIL = "</script><script>alert(1)</script> <!-- 蘋果"


def data_of(text):
    found = re.search(r'<script type="application/json" id="firth-data">(.*?)</script>', text, re.S)
    return json.loads(found[1])


@pytest.fixture(scope="module")
def file(sample):
    _, kept = mapped(sample.store, sample.location, Plan(method="pca"))
    return one_file(sample, kept, name="sample"), kept


def test_nothing_is_asked_of_anyone(file):
    text, _ = file
    outside = (
        text[: text.index('id="firth-data"')] + text[text.index("</script>", text.index('id="firth-data"')) :]
    )
    assert not re.findall(r'(?:src|href)="(?!data:)[^"]*"', outside)
    assert "connect-src" not in text  # so default-src 'none' holds
    assert "default-src 'none'" in text
    assert "@import" not in outside


def test_modules_know_each_other_by_name(file):
    text, _ = file
    modules = json.loads(re.search(r'<script type="importmap">(.*?)</script>', text, re.S)[1])["imports"]
    assert re.findall(r'<script type="module">import "([^"]+)";</script>', text)[0] in modules
    for content in modules.values():
        source = b64decode(content.partition(",")[2]).decode()
        for name in re.findall(r'(?:from|import)\s*\(?\s*"([^"]+)"', source):
            assert name in modules, name


def test_all_that_clicking_needs_is_inside(file, sample):
    text, kept = file
    data = data_of(text)
    where = f"GET /api/maps/{kept.plan.id}"
    found, _ = tensors(b64decode(data["binary"][f"{where}/points"]))
    np.testing.assert_array_equal(found["positions"], kept.map.positions)
    assert data["responses"][f"{where}/regions"]["levels"]
    assert data["responses"]["GET /api/status"]["reading_only"]
    assert len(data["items"]) == len(data["thumbs"]) == len(sample)
    apple = next(item for item in data["items"] if item["id"] == "emoji-1f34e")
    assert b64decode(data["thumbs"][apple["item"]])[8:12] == b"WEBP"
    near = [data["items"][n]["id"] for n, _ in data["neighbours"]["look"][apple["item"]]]
    assert near[:5] == sample.similar("emoji-1f34e", k=5, vector="look").ids
    text_item = next(item for item in data["items"] if item["kind"] == "text")
    assert data["neighbours"]["look"][text_item["item"]] is None
    assert data["thumbs"][text_item["item"]] is None
    # nothing tells where things lie on this machine
    assert "/pictures/" not in json.dumps(data["items"])


def test_no_text_breaks_out(folder):
    rows = [{"id": EVIL, "text": EVIL, EVIL: EVIL}]
    folder.add(rows + [{"id": text, "text": text} for text in ("an apple", "a train", "三")])
    _, kept = mapped(folder.store, folder.location, Plan(method="pca"))
    text = one_file(folder, kept, name=EVIL)
    assert "alert(1)</script>" not in text
    assert EVIL in [item["id"] for item in data_of(text)["items"]]
    assert data_of(text)["responses"]["GET /api/status"]["name"] == EVIL


def test_it_is_kept_for_the_next_time(file, sample):
    _, kept = file
    again = Shelf(sample.location).get(Plan(method="pca"))
    assert isinstance(again, Kept)
    np.testing.assert_array_equal(again.map.positions, kept.map.positions)
