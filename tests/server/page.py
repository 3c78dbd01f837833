"""A page without a browser: asks as the page asks, and reads binary answers as the page reads them."""

from __future__ import annotations

import json
import struct
import time

import numpy as np
from starlette.testclient import TestClient

from firth.server.app import make_app

TOKEN = "a-token-for-tests-only"
ORIGIN = "http://127.0.0.1:8420"
DTYPES = {"U8": "<u1", "U16": "<u2", "U32": "<u4", "F32": "<f4"}


def tensors(content):
    """Arrays by name and the plain data, of the layout of safetensors."""
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    meta = json.loads(header.pop("__metadata__")["firth"])
    found = {}
    for name, told in header.items():
        begin, end = (8 + length + offset for offset in told["data_offsets"])
        assert begin % 4 == 0
        found[name] = np.frombuffer(content[begin:end], DTYPES[told["dtype"]]).reshape(told["shape"])
    return found, meta


class Page:
    """The page of a collection, let in."""

    def __init__(self, collection, *, enter=True):
        self.app = make_app(collection, token=TOKEN, name="test")
        self.client = TestClient(self.app, base_url=ORIGIN)
        if enter:
            assert self.client.get(f"/?token={TOKEN}", follow_redirects=False).status_code == 303

    def get(self, path, **headers):
        return self.client.get(path, headers=headers)

    def json(self, path):
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def binary(self, path):
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return tensors(answer.content)

    def send(self, path, body, **headers):
        return self.client.post(path, json=body, headers={"Origin": ORIGIN, **headers})

    def post(self, path, body):
        answer = self.send(path, body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def file(self, path, content, **headers):
        given = {"Origin": ORIGIN, "Content-Type": "application/octet-stream", **headers}
        return self.client.post(path, content=content, headers=given)

    def error(self, path, body):
        answer = self.send(path, body)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["error"]

    def finished(self, body):
        """A job's end."""
        job = self.post("/api/jobs", body)
        while job["state"] in ("waiting", "running"):
            time.sleep(0.02)
            job = self.json(f"/api/jobs/{job['id']}")
        return job

    def events(self, id):
        """All events of a job: (name, data)."""
        found = []
        with self.client.stream("GET", f"/api/jobs/{id}/events") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            for block in "".join(answer.iter_text()).split("\n\n"):
                if block and not block.startswith(":"):
                    name, data = block.split("\n", 1)
                    found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
        return found
