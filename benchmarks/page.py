"""The page from end to end: what moves over the wire, and when the first picture stands.

    python benchmarks/page.py [SIZES ...] [--vectors FILE.npy] [--method pca] [--dim 64] [--folder FOLDER]

Makes a collection of vectors (or takes the first rows of a file), draws its map, starts `firth serve` and opens the
page in Chromium: once as after a start of the server, then again as on every later visit. "picture" is the time from
the request to points in their colours on the screen (in software on a machine without a GPU); "moved" is what was
sent, pictures and code included. Needs playwright and a Chromium; FIRTH_CHROMIUM names it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CHROMIUM = os.environ.get("FIRTH_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
TOKEN = "token-for-measuring-only"
BUDGETS = {10_000: 0.25, 100_000: 1.0, 1_000_000: 8.0}
"""Megabytes that may move before the first picture."""
BLOCK = 100_000


@dataclass
class Seen:
    seconds: float
    megabytes: float
    requests: int
    slowest: str


def made(n: int, dim: int) -> np.ndarray:
    """Clusters of uneven sizes."""
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(max(20, n // 500), dim)).astype(np.float32)
    chosen = (rng.random(n) ** 2 * len(centers)).astype(int)
    return centers[chosen] + 0.6 * rng.normal(size=(n, dim)).astype(np.float32)


def prepared(vectors: np.ndarray, place: Path, method: str) -> None:
    """A collection with its map."""
    import firth
    from firth.mapping import Plan, mapped

    began = time.perf_counter()
    collection = firth.open(str(place), model="use")
    if len(collection) != len(vectors):
        for start in range(0, len(vectors), BLOCK):
            block = vectors[start : start + BLOCK]
            collection.add(block, ids=[f"{start + i:07d}" for i in range(len(block))])
    added = time.perf_counter() - began
    began = time.perf_counter()
    _, kept = mapped(collection.store, collection.location, Plan("vector", method))
    drawn = time.perf_counter() - began
    print(f"{len(vectors):,} items: added in {added:.0f} s, drawn by {method} in {drawn:.0f} s", flush=True)
    print(f"  laid out {kept.map.laid_out:,}; {kept.map.faithfulness}", flush=True)


@contextmanager
def served(place: Path, port: int) -> Iterator[str]:
    command = [sys.executable, "-m", "firth", "serve", "-c", str(place), "--no-open"]
    server = subprocess.Popen(
        [*command, "--port", str(port), "--token", TOKEN], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait(20)


def visit(context, address: str, picture: Path | None) -> Seen:
    """Open the page, and wait for its points."""
    page, sizes, times = context.new_page(), [], []
    watch = context.new_cdp_session(page)
    watch.send("Network.enable")
    watch.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.on(
        "requestfinished", lambda one: times.append((one.timing["responseEnd"], one.url.split("?")[0][-40:]))
    )
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("body[data-ready]", timeout=300_000)
    seconds = time.perf_counter() - began
    assert page.evaluate("app.stage.main.frame.a.n"), "nothing is drawn"
    if picture:
        page.screenshot(path=picture)
    longest, path = max(times)
    seen = Seen(seconds, sum(sizes) / 1e6, len(sizes), f"{path} {longest / 1000:.1f} s")
    page.close()
    return seen


def measure(size: int, vectors: np.ndarray, arguments: argparse.Namespace, folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    place = folder / f"many-{size}"
    prepared(vectors, place, arguments.method)
    with served(place, arguments.port) as address, sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        for name in ("first visit", "later visit"):
            shot = arguments.pictures / f"page-{size}.png" if arguments.pictures else None
            seen = visit(context, address, shot)
            print(
                f"  {name}: picture {seen.seconds:.1f} s, moved {seen.megabytes:.2f} MB of {BUDGETS.get(size, 8):g}"
                f" in {seen.requests} requests; slowest: {seen.slowest}",
                flush=True,
            )
        browser.close()
    print(f"  load of the machine: {os.getloadavg()[0]:.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--vectors", help="an npy file of (n, d); the first rows are taken")
    parser.add_argument("--method", default="pca", help="how the map is laid out")
    parser.add_argument("--dim", type=int, default=64, help="the width of made vectors")
    parser.add_argument("--folder", type=Path, help="where collections are kept from one run to the next")
    parser.add_argument("--pictures", type=Path, help="a folder for screenshots")
    parser.add_argument("--port", type=int, default=8499)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.folder or Path(temporary)).absolute()
        os.environ.setdefault("FIRTH_HOME", str(folder / "home"))
        for size in arguments.sizes:
            given = None if arguments.vectors is None else np.load(arguments.vectors, mmap_mode="r")
            vectors = made(size, arguments.dim) if given is None else np.asarray(given[:size], np.float32)
            measure(size, vectors, arguments, folder)


if __name__ == "__main__":
    main()
