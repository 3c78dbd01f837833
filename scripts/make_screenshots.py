"""Make the pictures of the page for the README and the guide, from the bundled sample.

    .venv/bin/python scripts/make_screenshots.py            # writes docs/pictures/page-*.png

Needs playwright and a Chromium; `FIRTH_CHROMIUM` names it where it is not /usr/bin/chromium.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import firth
from firth import sample

CHROMIUM = os.environ.get("FIRTH_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
TOKEN = "token-for-pictures-only"
COLOURS = 256
"""So many are enough for a picture of a page, and a third of the size."""
APPLE = "emoji-1f34e"


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The sample on a free port; yields the address to open."""
    import uvicorn

    from firth.server.app import make_app
    from firth.server.serving import listen

    os.environ["FIRTH_HOME"] = str(home)
    things = firth.open("sample")
    things.add(sample.path() / "items.jsonl", text="text", image="image")
    socket = listen("127.0.0.1", 0)
    port = socket.getsockname()[1]
    app = make_app(things, token=TOKEN, port=port, name="sample")
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}/?token={TOKEN}"
    server.should_exit = True
    thread.join(10)


class Photographer:
    """Opens the page in one way of looking and takes pictures of it."""

    def __init__(self, browser: Any, address: str, folder: Path, **looks: Any) -> None:
        looks = {"viewport": {"width": 1360, "height": 820}, "locale": "en-US", **looks}
        self.folder = folder
        self.page = browser.new_context(**looks).new_page()
        self.page.goto(address)
        self.page.wait_for_selector("body[data-ready]", timeout=120_000)

    def until(self, script: str) -> None:
        """Wait until an expression holds."""
        for _ in range(2000):
            if self.page.evaluate(script):
                return
            self.page.wait_for_timeout(30)
        raise TimeoutError(script)

    def screen(self, name: str) -> None:
        """Go to a screen."""
        self.page.click(f"nav [data-screen={name}]")
        self.until(f"app.opened.id === '{name}' && !app.state.progress")

    def ask(self, words: str) -> None:
        """Search."""
        self.page.fill("input[type=search]", words)
        self.page.keyboard.press("Enter")
        self.until("!app.state.searching && app.state.hits")

    def choose(self, id: str) -> None:
        """Open an item."""
        self.page.evaluate("id => app.items.byIds([id]).then(found => app.select(found[0].item))", id)
        self.until("document.querySelectorAll('.neighbours .row').length > 5")

    def near(self, id: str, times: float) -> None:
        """Bring the camera to an item."""
        script = """([id, times]) => app.items.byIds([id]).then(([{item}]) => {
          const p = app.stage.main, [x, y] = p.project(p.frame.indexOf(item)), c = p.camera;
          p.setCamera({...c, x: c.x + (x - p.width / 2) / c.zoom, y: c.y - (y - p.height / 2) / c.zoom,
            zoom: p.fitted.zoom * times});
        })"""
        self.page.evaluate(script, [id, times])

    def loop(self, region: int) -> None:
        """Draw a loop around the middle of a region."""
        script = """region => { const p = app.stage.main, b = p.host.getBoundingClientRect();
          const [x, y] = p.place(p.frame.regions[0][region].center); return [b.left + x, b.top + y]; }"""
        x, y = self.page.evaluate(script, region)
        self.page.keyboard.down("Shift")
        self.page.mouse.move(x + 70, y)
        self.page.mouse.down()
        for step in range(1, 26):
            self.page.mouse.move(x + 70 * math.cos(step / 4), y + 70 * math.sin(step / 4))
        self.page.mouse.up()
        self.page.keyboard.up("Shift")

    def take(self, name: str) -> None:
        """Take the picture, with few colours."""
        from PIL import Image

        self.page.wait_for_timeout(700)
        shot = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        path = self.folder / f"page-{name}.png"
        shot.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
        print(f"{path} {path.stat().st_size // 1024} kB")


def take_all(browser: Any, address: str, folder: Path) -> None:
    """All pictures."""
    light = Photographer(browser, address, folder)
    light.take("map")
    light.near(APPLE, 5)
    light.choose(APPLE)
    light.take("item")
    light.page.evaluate("app.select(null); app.stage.main.setCamera(app.stage.main.fitted)")
    light.screen("compare")
    light.until("app.state.comparison")
    light.take("compare")
    light.screen("change")
    light.until("document.querySelector('#morph')")
    light.page.evaluate(
        "const m = document.querySelector('#morph'); m.value = .5; m.dispatchEvent(new Event('input'))"
    )
    light.take("change")
    light.screen("plane")
    light.loop(1)
    light.loop(2)
    light.until("app.state.plane")
    light.page.mouse.move(5, 5)
    light.take("plane")
    light.screen("jobs")
    light.take("jobs")
    dark = Photographer(browser, address, folder, color_scheme="dark", locale="zh-TW")
    dark.take("map-dark-zh")
    dark.screen("search")
    dark.page.select_option(".search select", "image")
    dark.ask("樂器")
    dark.take("search-dark-zh")
    dark.page.fill("input[type=search]", "")
    dark.page.keyboard.press("Enter")
    dark.screen("orbit")
    dark.until("app.stage.main.frame.a.dims === 3 && !app.stage.main.frame.live")
    dark.take("3d-dark-zh")
    phone = {
        "viewport": {"width": 390, "height": 780},
        "has_touch": True,
        "is_mobile": True,
        "locale": "zh-CN",
    }
    small = Photographer(browser, address, folder, **phone)
    small.ask("a musical instrument")
    small.take("phone-zh")


def main() -> None:
    """Read the arguments, serve the sample, take the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--to", type=Path, default=Path(__file__).parent.parent / "docs" / "pictures")
    folder = parser.parse_args().to
    folder.mkdir(parents=True, exist_ok=True)
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as home, served(Path(home)) as address, sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        take_all(browser, address, folder)
        browser.close()


if __name__ == "__main__":
    main()
