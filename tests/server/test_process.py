"""One real server, as a person starts it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import pytest

from firth.errors import InputError
from firth.server.serving import Address, listen, serve


@pytest.fixture(scope="module")
def server(sample):
    command = [sys.executable, "-m", "firth", "serve", "-c", sample.location, "--no-open", "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )
    try:
        address = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{20,}", address), process.stderr.read()
        yield process, address
    finally:
        process.kill()
        process.communicate()


class Visitor:
    """A browser's cookies, and a program's patience."""

    def __init__(self, address):
        self.base = address.partition("/?")[0]
        self._open = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar())).open
        self._open(address, timeout=30).read()

    def ask(self, path, body=None, **headers):
        content = None if body is None else json.dumps(body).encode()
        given = {"Origin": self.base, "Content-Type": "application/json", **headers} if content else headers
        return self._open(Request(self.base + path, content, given), timeout=60)


def test_a_visit_from_first_to_last(server):
    _, address = server
    visitor = Visitor(address)
    assert json.load(visitor.ask("/api/status"))["items"] == 621
    job = json.load(visitor.ask("/api/jobs", {"kind": "map", "method": "umap", "dim": 3}))
    with visitor.ask(f"/api/jobs/{job['id']}/events") as events:
        lines = (line.decode().strip() for line in events)
        assert "event: frame" in lines  # it is drawn while we watch
        visitor.ask(f"/api/jobs/{job['id']}/cancel", {})
        last = [line for line in lines if line.startswith("data: ")][-1]
    assert json.loads(last.removeprefix("data: "))["state"] == "cancelled"


def test_a_stranger_and_a_rebound_name_are_refused(server):
    _, address = server
    base = address.partition("/?")[0]
    plain = build_opener(ProxyHandler({}))
    with pytest.raises(HTTPError, match="401"):
        plain.open(base + "/api/status", timeout=30)
    token = address.partition("token=")[2]
    with pytest.raises(HTTPError, match="403"):
        plain.open(
            Request(
                base + "/api/status", headers={"Host": "evil.example", "Authorization": f"Bearer {token}"}
            )
        )


def test_ctrl_c_stops_it_though_someone_watches(sample):
    command = [sys.executable, "-m", "firth", "serve", "-c", sample.location, "--no-open", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        visitor = Visitor(process.stdout.readline().strip())
        job = json.load(visitor.ask("/api/jobs", {"kind": "map", "method": "umap", "again": True}))
        with visitor.ask(f"/api/jobs/{job['id']}/events") as events:
            events.readline()
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
    finally:
        process.kill()
        _, err = process.communicate()
    assert "Traceback" not in err


@pytest.mark.parametrize("token", [None, "short"])
def test_elsewhere_it_needs_a_token(empty, token):
    with pytest.raises(InputError, match="--token"):
        serve(empty, host="0.0.0.0", token=token, browser=False)


def test_a_port_that_is_taken():
    with listen("127.0.0.1", 0) as taken, pytest.raises(InputError, match="--port"):
        listen("127.0.0.1", taken.getsockname()[1]).close()


def test_the_next_free_port():
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        assert first.getsockname()[1] < second.getsockname()[1]


def test_an_address():
    assert str(Address("::1", 8420, "t")) == "http://[::1]:8420/?token=t"


def test_the_library_stays_light():
    listing = "import firth, firth.cli.app, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    assert not {"starlette", "uvicorn", "firth.server"} & set(run.stdout.split())
