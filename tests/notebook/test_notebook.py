"""What a notebook shows, as far as it can be seen without a browser; the rest is in tests/page/test_notebook.py."""

from __future__ import annotations

import json
import re

import pytest

import firth
from firth.errors import InputError, UnknownNameError
from firth.notebook import map_view
from firth.notebook.asking import asked
from firth.server.app import make_app
from firth.showing import collection_html

TEXTS = ["red apple", "青蘋果 <script>", "king", "國王"]


@pytest.fixture(scope="module")
def fruits():
    collection = firth.open(":memory:")
    collection.add(TEXTS)
    return collection


def test_asking_an_app_without_a_port(fruits):
    app = make_app(fruits, token="").app
    told = asked(app, "GET", "/api/status")
    assert (told.status, told.media_type) == (200, "application/json")
    assert json.loads(told.content)["items"] == len(TEXTS)
    body = json.dumps({"text": "苹果", "k": 2}).encode()
    found = asked(app, "POST", "/api/search", media_type="application/json", content=body)
    assert "青蘋果" in json.loads(found.content)["hits"][0]["text"]
    assert asked(app, "GET", "/api/columns/codes?name=kind").status == 200
    assert asked(app, "GET", "/api/nothing").status == 404


def test_a_view_is_one_frame_that_nothing_breaks_out_of(fruits, tmp_path):
    view = map_view(fruits, method="pca", name="水果", height=300)
    shown = view._repr_html_()
    assert re.fullmatch(r'<iframe [^<>]*srcdoc="[^"<>]*"[^<>]*></iframe>', shown)
    assert "height: 300px" in shown and "allow-same-origin" not in shown
    view.save(tmp_path / "水果.html")
    assert "青蘋果" in (tmp_path / "水果.html").read_text("utf-8")


def test_the_widget_and_python_choose_alike(fruits):
    pytest.importorskip("anywidget")
    from firth.notebook import MapWidget

    widget = MapWidget(fruits, method="pca")
    ids = sorted(record["id"] for record in fruits.items())
    seen = []
    widget.observe(lambda change: seen.append(change["new"]), "selected")
    widget._numbers = [2, 0]
    assert widget.selected == [ids[2], ids[0]]
    widget.selected = [ids[1]]
    assert widget._numbers == [1]
    assert seen == [[ids[2], ids[0]], [ids[1]]]
    with pytest.raises(UnknownNameError, match="no item"):
        widget.selected = ["nobody"]
    sent = []
    widget.send = lambda *message: sent.append(message)
    widget._answer(None, {"view": "v", "ask": 7, "method": "GET", "path": "/api/status"}, [])
    assert sent[0][0]["ask"] == 7 and b'"items":4' in sent[0][1][0]


@pytest.mark.parametrize(
    ("wrong", "error"), [({"vector": "taste"}, UnknownNameError), ({"dim": 4}, InputError)]
)
def test_what_cannot_be_shown(fruits, wrong, error):
    with pytest.raises(error):
        map_view(fruits, **wrong)


def test_a_collection_as_html_is_escaped(fruits):
    shown = collection_html(fruits._corpus(), fruits.location)
    assert "4 items" in shown and "&lt;script&gt;" in shown and "<script" not in shown
    assert collection_html(firth.open(":memory:")._corpus(), ":memory:").count("<table") == 0
