"""A real server of the sample and a real browser that watches what the page does."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

import firth

from .driving import CHROMIUM, FLAGS, Site, Visit

TAGGED = [
    {"text": "a tale of war", "tag:war": 0.93, "tag:魔法": 0.1},
    {"text": "巫師的學校", "tag:war": 0.2, "tag:魔法": 0.88},
    {"text": "a quiet garden", "tag:war": 0.02, "tag:魔法": 0.05},
    {"text": "a school of magic at war", "tag:war": 0.71, "tag:魔法": 0.8},
]
"""Items with readable dimensions, as firth keeps them in a collection."""


@contextmanager
def served(collection, name):
    """A collection on a free port of this machine."""
    uvicorn = pytest.importorskip("uvicorn")
    from firth.server.app import make_app
    from firth.server.serving import listen

    socket = listen("127.0.0.1", 0)
    port = socket.getsockname()[1]
    app = make_app(collection, token="token-of-this-test-run", port=port, name=name)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{port}/", "token-of-this-test-run", collection)
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def site(sample, tmp_path_factory):
    """A copy of the sample, served."""
    place = tmp_path_factory.mktemp("page") / "sample"
    shutil.copytree(sample.location, place)
    with served(firth.open(str(place)), "sample") as there:
        yield there


@pytest.fixture
def tagged_site():
    """A small collection with tags, served."""
    collection = firth.open(":memory:")
    collection.add(TAGGED, text="text")
    with served(collection, "tagged") as there:
        yield there


def without(what):
    """No test in a browser; where ``FIRTH_NEED_BROWSER`` is set, as in .ci/run, that is a failure."""
    (pytest.fail if os.environ.get("FIRTH_NEED_BROWSER") else pytest.skip)(what)


@pytest.fixture(scope="session")
def playwright():
    try:
        from playwright import sync_api as api
    except ImportError:
        without("no playwright; the page is tested with it")
    if not Path(CHROMIUM).exists():
        without(f"no {CHROMIUM}; the page is tested with Chromium (FIRTH_CHROMIUM names another place)")
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

    def opened(hash="", *, of=None, at=site, **context) -> Visit:
        visits.append(Visit(of or browser, at, hash, **context))
        return visits[-1]

    yield opened
    for one in visits:
        one.close()
    problems = [problem for one in visits for problem in one.problems]
    assert not problems, problems
