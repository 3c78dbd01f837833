"""The store on object storage: addresses, keys, what goes wrong, and every kind of write and search once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pyarrow as pa
import pytest
from tests.servers import s3

from firth.errors import InputError, MissingExtraError, StoreError
from firth.stores import open_store
from firth.stores.lance import LanceStore, maintenance
from firth.stores.lance.coding import code_column
from firth.stores.lance.object_storage import ObjectStorage
from firth.stores.lance.probe import has_conditional_put

from .made import rows

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@pytest.fixture
def address() -> str:
    return s3.address()


def objects(address: str) -> list[str]:
    bucket = address.removeprefix("s3://").split("/")[0]
    return [entry["Key"] for entry in s3.client().list_objects_v2(Bucket=bucket).get("Contents", ())]


# --- the contract in short (all of it: tests/contracts, with -m slow)


def test_every_kind_of_write_and_search(address):
    store, reader = open_store(address), open_store(address)
    assert (store.count(), store.version(), store.read_meta(), store.match(["a"], 3).num_rows) == (
        0,
        0,
        {},
        0,
    )
    assert store.delete(["a"]) == 0
    store.optimize()
    assert objects(address) == []  # nothing is made before the first write
    store.put(rows(["a", "b", "c"], parts=2))
    version = reader.version()
    store.put(rows(["a"]).append_column("f_年", pa.array([1999])).append_column("v_look", pa.array([[1.0, 2.0]], pa.list_(pa.float32(), 2))))  # fmt: skip  # noqa: E501
    assert reader.version() > version
    assert reader.schema().names[-4:] == ["f_seed", "v_m", "f_年", "v_look"]
    assert sorted(
        row["id"] for batch in reader.scan(["id"], parts=True) for row in batch.to_pylist()
    ) == list("abbcc")
    assert reader.nearest("look", [1, 2], 5)["id"].to_pylist() == ["a"]
    store.put(rows(["b"]).set_column(3, "f_seed", pa.array([0.5])))  # an integer column becomes float
    store.drop_vector("look")
    store.write_meta({"名": [1]})
    assert store.delete(["c", "nobody"]) == 1
    before = reader.match(["魔法", "b"], 9)
    store.optimize()
    assert reader.match(["魔法", "b"], 9)["id"].to_pylist() == before["id"].to_pylist() == ["b", "a"]
    assert reader.nearest("m", np.ones(8), 9).equals(reader.nearest("m", np.ones(8), 9, exact=True))
    assert (reader.count(), reader.read_meta(), "v_look" in reader.schema().names) == (2, {"名": [1]}, False)
    assert all(key.startswith("library/") for key in objects(address))


@pytest.mark.slow
def test_the_codes_of_many_vectors(address, monkeypatch):
    monkeypatch.setattr(maintenance, "EXACT_BELOW", 2000)
    store = LanceStore(address)
    store.put(rows([f"{i}" for i in range(3000)], d=16))
    store.optimize()
    assert code_column(store._tables.items().schema, "v_m") is not None
    query = np.random.default_rng(5).normal(size=16).astype(np.float32)
    exact = store.nearest("m", query, 10, exact=True)
    found = open_store(address).nearest("m", query, 10)
    assert len(set(exact["id"].to_pylist()) & set(found["id"].to_pylist())) >= 9
    store.put(rows(["new"], d=16, seed=9))
    assert store.nearest("m", rows(["new"], d=16, seed=9)["v_m"][0].values.to_numpy(), 1)[
        "id"
    ].to_pylist() == ["new"]


@pytest.mark.parametrize("folder", ["", "/", "/a/b/", "/藏書 100%"])
def test_any_folder_of_a_bucket(address, folder):
    location = address.removesuffix("/library") + folder
    open_store(location).put(rows(["a"]))
    assert open_store(location).count() == 1
    assert open_store(f"{location.rstrip('/')}/other").count() == 0


@pytest.mark.parametrize("location", ["s3://", "s3:///books", "s3://bucket/a?b", "s3://bucket/a#b"])
def test_addresses_that_are_none(location):
    with pytest.raises(InputError, match="expected s3://bucket/folder"):
        open_store(location)


def test_opening_is_light():
    code = """
import sys
from firth.stores import open_store
open_store("s3://bucket/books")
assert not {"lancedb", "boto3"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


# --- keys and endpoints


def test_keys_and_endpoint_of_a_profile(address, monkeypatch, tmp_path):
    (tmp_path / "credentials").write_text(
        f"[reader]\naws_access_key_id = {os.environ[KEYS[0]]}\naws_secret_access_key = secret\n"
    )
    (tmp_path / "config").write_text(
        f"[profile reader]\nregion = eu-central-1\nendpoint_url = {os.environ['AWS_ENDPOINT_URL_S3']}\n"
    )
    for name in (*KEYS, "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "reader")
    open_store(address).put(rows(["a"]))
    assert open_store(address).count() == 1
    assert ObjectStorage(address).options()["aws_region"] == "eu-central-1"
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(StoreError, match=r"nobody.*Next: correct AWS_PROFILE"):
        open_store(address).count()


def test_keys_that_expire_are_renewed(address, monkeypatch, tmp_path):
    """A process that gives out other keys each time it is asked, good for a minute."""
    giver = tmp_path / "giver.py"
    giver.write_text(
        "import datetime, json, uuid\n"
        "until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)\n"
        "keys = {'AccessKeyId': 'K' + uuid.uuid4().hex, 'SecretAccessKey': 's', 'SessionToken': 't'}\n"
        "print(json.dumps({'Version': 1, 'Expiration': until.isoformat(), **keys}))\n"
    )
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {sys.executable} {giver}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name in KEYS:
        monkeypatch.delenv(name)
    storage = ObjectStorage(address)
    first, second = storage.options(), storage.options()
    assert first["aws_access_key_id"] != second["aws_access_key_id"]
    assert first["aws_session_token"] == "t"
    store = open_store(address)
    store.put(rows(["a"]))
    store.put(rows(["b"]))
    assert store.count() == 2


def test_without_boto3(address, monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.setitem(sys.modules, "botocore", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'firth\[s3\]'"):
        open_store(address).count()


@pytest.mark.parametrize("use", ["count", "put"])
@pytest.mark.parametrize(
    ("location", "variables", "message"),
    [
        (
            "s3://no-such-bucket/books",
            {},
            r"no bucket 'no-such-bucket' at http://127\.0\.0\.1:\d+; expected .* Next:",
        ),
        (
            None,
            {KEYS[0]: s3.ANOTHER_KEY},
            r"refused the AWS keys \(403\).*expected keys.*Next: check",
        ),
        (
            None,
            {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"},
            r"no answer from http://127\.0\.0\.1:9; .*Next: check",
        ),
        (None, {"AWS_ENDPOINT_URL_S3": "127.0.0.1:9"}, r"Invalid endpoint: 127\.0\.0\.1:9.*Next: correct"),
        (
            None,
            dict.fromkeys(KEYS, ""),
            r"no AWS keys for s3://.*; expected AWS_ACCESS_KEY_ID .*Next: set them",
        ),
        (None, {KEYS[1]: ""}, r"AWS_SECRET_ACCESS_KEY"),
    ],
    ids=["bucket", "keys", "endpoint", "address", "no keys", "half"],
)
def test_what_is_wrong_is_said_in_one_line(address, monkeypatch, tmp_path, location, variables, message, use):
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    secret = os.environ["AWS_SECRET_ACCESS_KEY"]
    for name, value in variables.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    with pytest.raises(StoreError, match=message) as caught:
        getattr(open_store(location or address), use)(*([rows(["a"])] if use == "put" else []))
    error = caught.value
    while error is not None:
        assert secret not in str(error)
        error = error.__cause__ or error.__context__
    assert "\n" not in str(caught.value)


def test_nothing_but_the_endpoint_is_asked(address):
    """A machine's metadata endpoint, which both boto3 and Lance would ask, is one that notes who comes."""
    asked = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_PUT = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Noting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    trap = f"http://127.0.0.1:{server.server_port}"
    code = """
import os, sys
from firth.errors import StoreError
from firth.stores import open_store
store = open_store(sys.argv[1])
store.write_meta({"a": 1})
print(store.count(), store.read_meta())
del os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
try:
    open_store(sys.argv[1]).count()
except StoreError as error:
    print(error)
"""
    environment = {
        **os.environ,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": trap,
        "AWS_METADATA_ENDPOINT": trap,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "HTTPS_PROXY": trap,  # nothing is asked of AWS itself either
        "NO_PROXY": "",
    }
    run = subprocess.run(
        [sys.executable, "-c", code, address], env=environment, capture_output=True, text=True
    )
    server.shutdown()
    assert run.stderr == ""  # Lance says nothing unasked
    assert run.stdout.startswith("0 {'a': 1}\nno AWS keys")
    assert asked == []


# --- what the endpoint can do


@pytest.mark.parametrize("conditional", [True, False])
def test_conditional_put_is_found_out(conditional):
    address = s3.address(conditional=conditional)
    assert has_conditional_put(ObjectStorage(address)) is conditional
    assert objects(address) == []


def test_an_object_is_written_on_a_condition(address):
    storage = ObjectStorage(address)
    assert storage.read("a") is None
    etag = storage.write("a", b"1", new=True)
    assert storage.write("a", b"2", new=True) is None
    assert storage.write("a", b"1", new=True) == etag  # the answer was lost, and it was sent again
    assert storage.write("a", b"2", replacing='"0"') is None
    assert storage.write("a", b"2", replacing=etag) != etag
    found = storage.read("a")
    assert (found.body, abs(found.age) < 60) == (b"2", True)
    assert list(storage.ages("")) == ["a"]
    storage.remove("a")
    storage.remove("a")
    assert storage.write("a", b"3", replacing=etag) is None


# --- the command


@pytest.mark.slow
def test_the_command_on_object_storage(address, tmp_path):
    (tmp_path / "books.jsonl").write_text(
        "\n".join(
            json.dumps({"id": id, "text": text})
            for id, text in [("hp", "魔法學校的故事"), ("sea", "whales at sea")]
        )
    )

    def firth(*arguments):
        command = [sys.executable, "-m", "firth", *arguments, "-c", address]
        return subprocess.run(
            command,
            env={**os.environ, "FIRTH_MODEL": "use"},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    added = firth("add", str(tmp_path / "books.jsonl"), "--json")
    assert (added.returncode, added.stderr) == (0, "")
    found = firth("search", "魔法", "--json")
    assert (found.returncode, found.stderr) == (0, "")
    assert "hp" in found.stdout.splitlines()[0]
    refused = subprocess.run(
        [sys.executable, "-m", "firth", "search", "a", "-c", "s3://no-such-bucket/x"],
        env={**os.environ, "FIRTH_MODEL": "use"}, capture_output=True, text=True,
    )  # fmt: skip
    assert refused.returncode != 0
    assert "no bucket 'no-such-bucket'" in refused.stderr
    assert "Traceback" not in refused.stderr
