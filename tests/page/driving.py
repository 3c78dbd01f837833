"""Hands and eyes for the page: mouse, keys, state and pixels."""

from __future__ import annotations

import io
import math
import os
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

import firth

CHROMIUM = os.environ.get("FIRTH_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PAPER = {"light": (251, 250, 247), "dark": (17, 22, 27)}


@dataclass(frozen=True)
class Site:
    """A server of one collection."""

    address: str
    token: str
    collection: firth.Collection


class Visit:
    """One visitor with a page of their own."""

    def __init__(
        self, browser, site, hash="", *, address=None, wait="", scheme="light", locale="en-US", **context
    ):
        context.setdefault("viewport", {"width": 1280, "height": 800})
        self.problems: list[str] = []
        self.scheme = scheme
        self.context = browser.new_context(color_scheme=scheme, locale=locale, **context)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}\n{error.stack}"))
        self.page.on("console", self._console)
        self.page.on("request", self._request)
        self.page.on("response", self._response)
        if address is None:
            self.page.goto(f"{site.address}?token={site.token}")
            if hash:
                self.page.goto(f"{site.address}{hash}")
                self.page.reload()
        else:
            self.page.goto(address)
        self.page.wait_for_selector(wait) if wait else self.ready()

    def ready(self):
        self.page.wait_for_selector("body[data-ready]", timeout=90_000)
        return self

    def _console(self, message):
        if message.type == "error":
            self.problems.append(f"console: {message.text}")

    def _response(self, response):
        if response.status >= 400:
            self.problems.append(
                f"{response.status}: {response.request.method} {response.url} {response.text()[:200]}"
            )

    def _request(self, request):
        where = urlsplit(request.url)
        if where.scheme not in ("data", "blob", "file") and where.hostname != "127.0.0.1":
            self.problems.append(f"left this machine: {request.url}")

    def close(self):
        self.context.close()

    def state(self, script):
        """The value of an expression in which ``app`` is the page."""
        return self.page.evaluate(script)

    def until(self, script):
        """Wait until an expression holds; asked from outside, for the page allows no eval."""
        end = time.monotonic() + 60
        while not self.page.evaluate(script):
            assert time.monotonic() < end, f"still not: {script}"
            self.page.wait_for_timeout(30)
        return self

    def screen(self, name):
        """Go to a screen by its tab, and wait until it has drawn."""
        self.page.click(f"[data-screen={name}]")
        return self.until(f"app.opened.id === '{name}' && !app.state.progress")

    def ask(self, text):
        """Search for words."""
        self.page.fill("input[type=search]", text)
        self.page.keyboard.press("Enter")
        return self.until("!app.state.searching && app.state.hits")

    def place(self, item, plot="main"):
        """Where an item (by number) is, in pixels of the page."""
        return self.state(
            f"(() => {{ const p = app.stage.{plot}, b = p.host.getBoundingClientRect();"
            f" const [x, y] = p.project(p.frame.indexOf({item})); return [b.left + x, b.top + y]; }})()"
        )

    def number(self, id):
        """The number of an item."""
        return self.page.evaluate("id => app.items.byIds([id]).then(found => found[0].item)", id)

    def loop(self, items, *, shift=True, plot="main"):
        """Draw a loop around items (by number)."""
        spots = np.array([self.place(item, plot) for item in items])
        middle = spots.mean(0)
        radius = float(np.sqrt(((spots - middle) ** 2).sum(1)).max()) + 12
        mouse, keys = self.page.mouse, self.page.keyboard
        mouse.move(middle[0] + radius, middle[1])
        if shift:
            keys.down("Shift")
        mouse.down()
        for step in range(1, 26):
            angle = step * math.tau / 25
            mouse.move(middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle))
        mouse.up()
        if shift:
            keys.up("Shift")

    def pixels(self, selector=".pane"):
        """What is seen of an element, (height, width, 3)."""
        shot = self.page.locator(selector).first.screenshot()
        return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)

    def inked(self, selector=".pane"):
        """How many pixels are not paper."""
        away = np.abs(self.pixels(selector) - PAPER[self.scheme]).sum(2)
        return int((away > 40).sum())
