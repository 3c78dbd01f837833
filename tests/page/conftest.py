"""A real server of the sample and a real browser that watches what the page does."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

import firth

from .driving import CHROMIUM, FLAGS, Site, Visit


@pytest.fixture(scope="session")
def site(sample, tmp_path_factory):
    """A copy of the sample, served on a free port of this machine."""
    uvicorn = pytest.importorskip("uvicorn")
    from firth.server.app import make_app
    from firth.server.serving import listen

    place = tmp_path_factory.mktemp("page") / "sample"
    shutil.copytree(sample.location, place)
    collection = firth.open(str(place))
    socket = listen("127.0.0.1", 0)
    port = socket.getsockname()[1]
    app = make_app(collection, token="token-of-this-test-run", port=port, name="sample")
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{port}/", "token-of-this-test-run", collection)
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def playwright():
    api = pytest.importorskip("playwright.sync_api", reason="the page is tested with playwright")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no {CHROMIUM}; the page is tested with Chromium (FIRTH_CHROMIUM names another place)")
    with api.sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright):
    started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield started
    started.close()


@pytest.fixture
def visit(browser, site):
    """Opens pages; when the test ends, no page may have failed or have asked anyone else."""
    visits: list[Visit] = []

    def opened(hash="", *, of=None, address=None, **context) -> Visit:
        visits.append(Visit(of or browser, site, hash, address=address, **context))
        return visits[-1]

    yield opened
    for one in visits:
        one.close()
    problems = [problem for one in visits for problem in one.problems]
    assert not problems, problems
