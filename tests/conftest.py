"""What the tests of every room may use: a home of their own, and the bundled sample in a collection."""

from __future__ import annotations

import pytest

import firth
from firth import sample as bundled
from firth.encoders import encoder


@pytest.fixture(scope="session", autouse=True)
def firth_home(tmp_path_factory):
    """No test touches the user's folders."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("firth-home")
        patch.setenv("FIRTH_HOME", str(home))
        yield home


@pytest.fixture(scope="session")
def sample(firth_home) -> firth.Collection:
    """The whole sample in a folder, by `use`. Look, do not write: every test shares it."""
    collection = firth.open("sample", model="use")
    report = collection.add(bundled.path() / "items.jsonl", image="image")
    assert not report.skipped
    return collection


@pytest.fixture
def empty() -> firth.Collection:
    """A new collection in memory, by `use`."""
    return firth.open(":memory:", model="use")


@pytest.fixture
def folder(tmp_path) -> firth.Collection:
    """A new collection in a folder, by `use`."""
    return firth.open(str(tmp_path / "藏書 library"), model="use")


@pytest.fixture
def encoded(monkeypatch) -> list[str]:
    """The texts that `use` is asked to encode as documents, as they come."""
    use, texts = encoder("use"), []
    encode = use.encode

    def listening(inputs, *, role="document", progress=None):
        texts.extend(inputs if role == "document" else [])
        return encode(inputs, role=role, progress=progress)

    monkeypatch.setattr(use, "encode", listening)
    return texts
