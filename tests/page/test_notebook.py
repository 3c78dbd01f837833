"""The map in a notebook, in a real browser: the frame without anything else, and the widget with Python behind it."""

from __future__ import annotations

import html
import json
from base64 import b64decode, b64encode

import pytest

import firth
from firth import notebook
from firth.notebook import map_view
from firth.showing import collection_html

pytestmark = pytest.mark.slow

APPLE = "emoji-1f34e"

HOST = """<!doctype html><meta charset="utf-8"><title>notebook</title><body style="margin: 20px">
<p>In [1]:</p><div id="cell"></div></body>"""

MODEL = """
async ({esm, state}) => {
  const heard = {};
  const off = (name, told) => heard[name] = (heard[name] ?? []).filter((one) => one !== told);
  const fire = (name, ...what) => (heard[name] ?? []).forEach((told) => told(...what));
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join(""));
  window.model = {
    get: (key) => state[key],
    set: (key, value) => (state[key] = value),
    save_changes: () => window.toPython({ state }),
    on: (name, told) => (heard[name] ??= []).push(told),
    off,
    send: (content, _, buffers) => window.toPython({ content, buffers: buffers.map(text) }),
  };
  window.fromPython = ({ content, buffers, state: changed }) => {
    if (content) fire("msg:custom", content, buffers.map((one) => new DataView(bytes(one).buffer)));
    for (const [key, value] of Object.entries(changed ?? {})) {
      if (JSON.stringify(state[key]) === JSON.stringify(value)) continue;
      state[key] = value;
      fire(`change:${key}`);
    }
  };
  const { default: widget } = await import(URL.createObjectURL(new Blob([esm], { type: "text/javascript" })));
  window.leave = widget.render({ model: window.model, el: document.getElementById("cell") });
}
"""
"""What a notebook's front end does for a widget, in short."""


class Cell:
    """A widget shown on a page, with the messages of both sides carried by hand."""

    def __init__(self, page, widget):
        self.page, self.widget, self.waiting = page, widget, []
        widget.send = lambda content, buffers=(): self.waiting.append(
            {"content": content, "buffers": [b64encode(one).decode() for one in buffers]}
        )
        widget.observe(lambda change: self.waiting.append({"state": {"_numbers": change["new"]}}), "_numbers")
        page.expose_function("toPython", self.heard)
        state = {name: getattr(widget, name) for name in ("_page", "_numbers", "height")}
        page.evaluate(MODEL, {"esm": str(widget._esm), "state": state})
        self.frame = next(frame for frame in page.frames if frame.parent_frame)

    def heard(self, message):
        self.waiting.append({"heard": message})

    def carry(self):
        """Let both sides have what the other sent."""
        while self.waiting:
            message = self.waiting.pop(0)
            if "heard" not in message:
                self.page.evaluate("message => window.fromPython(message)", message)
            elif "content" in message["heard"]:
                buffers = [b64decode(one) for one in message["heard"]["buffers"]]
                self.widget._answer(None, message["heard"]["content"], buffers)
            else:
                self.widget._numbers = message["heard"]["state"]["_numbers"]
        self.page.wait_for_timeout(20)

    def until(self, script):
        for _ in range(1500):
            self.carry()
            if self.frame.evaluate(script):
                return self
        raise AssertionError(f"still not: {script}")


@pytest.fixture
def cell(browser, site):
    pytest.importorskip("anywidget")
    context = browser.new_context(viewport={"width": 1000, "height": 760})
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: message.type == "error" and problems.append(message.text))
    page.on(
        "request", lambda request: request.url.startswith(("data:", "blob:")) or problems.append(request.url)
    )
    page.set_content(HOST)
    shown = Cell(page, notebook.MapWidget(site.collection, name="筆記"))
    shown.until("document.body?.dataset.ready === '1'")
    yield shown
    context.close()
    assert not problems, problems


def test_the_widget_shows_the_map_and_shares_the_choice(cell):
    assert cell.frame.evaluate("app.stage.main.frame.a.n") == len(cell.widget._desk.numbers.ids)
    assert cell.frame.evaluate("document.title").startswith("筆記")
    cell.widget.selected = [APPLE]
    cell.until("document.querySelectorAll('.neighbours .row').length > 5")
    cell.until("document.querySelector('.large')?.naturalWidth > 0")
    cell.until("[...document.querySelectorAll('.neighbours img')].every(image => image.naturalWidth > 0)")
    assert cell.widget.selected == [APPLE]
    cell.frame.click(".neighbours .row button >> nth=0")
    cell.until("document.querySelector('.item h2')?.textContent !== 'red apple'")
    cell.carry()
    (other,) = cell.widget.selected
    assert other != APPLE
    group = cell.widget._desk.numbers.ids[:30]
    cell.widget.selected = group
    cell.until("app.state.group?.length === 30")
    assert cell.widget.selected == group
    cell.widget.selected = []
    cell.until("!app.state.group")


def test_the_widget_searches_and_compares(cell):
    cell.frame.fill("input[type=search]", "星星")
    cell.frame.press("input[type=search]", "Enter")
    cell.until("app.state.hits?.list.length > 5")
    cell.frame.click("[data-screen=compare]")
    cell.until("app.state.comparison && app.stage.second?.frame")


def test_a_frame_needs_nothing_but_itself(visit, site, tmp_path):
    small = firth.open(":memory:")
    small.add(["red apple <b>", "蘋果", "king", "國王", "a train"])
    shown = map_view(small, method="pca")._repr_html_()
    (tmp_path / "book.html").write_text(f'<!doctype html><meta charset="utf-8">{shown}', "utf-8")
    there = visit(address=(tmp_path / "book.html").as_uri(), wait="iframe")
    (frame,) = [frame for frame in there.page.frames if frame.parent_frame]
    frame.wait_for_selector("body[data-ready]")
    assert frame.evaluate("app.stage.main.frame.a.n") == 5
    frame.evaluate("app.select(0)")
    frame.wait_for_selector(".neighbours .row")
    assert html.escape("red apple <b>") in frame.inner_html("body")


@pytest.mark.parametrize("what", ["collection", "hits"])
def test_html_forms_show_pictures_and_no_markup_of_items(visit, what, tmp_path):
    items = firth.open(":memory:")
    items.add([json.dumps({"text": "<img src=x onerror='window.hurt = 1'>"})])
    from firth import sample

    items.add(sample.path() / "pictures/emoji-1f34e.png")
    if what == "hits":
        shown = items.search("img", k=3)._repr_html_()
    else:
        shown = collection_html(items._corpus(), items.location)
    (tmp_path / "form.html").write_text(f'<!doctype html><meta charset="utf-8"><body>{shown}', "utf-8")
    there = visit(address=(tmp_path / "form.html").as_uri(), wait="table")
    assert there.state("[...document.images].map(image => image.naturalWidth > 0)") == [True]
    assert there.state("window.hurt") is None
    assert "onerror" in there.page.text_content("body")
