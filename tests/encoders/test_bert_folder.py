"""Folders of BERT-like models in firth's kernel, against float32, the kernel's twin, and sentence-transformers."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import firth
from firth.encoders import encoder
from firth.encoders.bert_folder import BertFolder
from firth.encoders.bert_tensors import FAMILIES
from firth.encoders.hub import HubEncoder, downloaded, hub_encoder
from firth.errors import InputError, MissingExtraError
from firth.kernel import encode_twin as twin
from firth.kernel.bert import pack_bert
from firth.kernel.paths import best_path
from firth.similarity import normalize
from firth.types import Item

from .bert_models import PROMPTS, WINDOW, in_float, write_json, write_model

pytest.importorskip("tokenizers", reason="the extra minilm is not installed")
save_file = pytest.importorskip("safetensors.numpy", reason="the extra minilm is not installed").save_file
pytestmark = pytest.mark.skipif(best_path() is None, reason="the kernel is not built, or off")

TEXTS = ["red apple", "蘋果", "", "Orange and apple.", "totally unknown 🐟", "apple " * (WINDOW - 5)]
LONG = "a red apple and orange. 蘋果。" * 12


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "模型 model"


def marked(found, text, prompt=""):
    return [found.begin, *found.tokenize([prompt + text])[0], found.end]


@pytest.mark.parametrize("activation", ["gelu", "relu"])
@pytest.mark.parametrize("family", list(FAMILIES))
def test_tokens_are_those_of_float32(folder, family, activation):
    tensors = write_model(folder, family, activation=activation, pooling=None)
    found = encoder(str(folder))
    assert isinstance(found, BertFolder)
    for text in TEXTS:
        ids = marked(found, text)
        wanted = in_float(tensors, family, ids, activation=activation)
        got, lengths = found._states([ids[1:-1]])
        assert lengths.tolist() == [len(ids)]
        cosines = (normalize(got) * normalize(wanted)).sum(1)
        assert cosines.min() > 0.998
        assert (found.encode([text])[0] @ normalize(wanted.mean(0))) > 0.999


@pytest.mark.parametrize("family", ["bert", "xlm-roberta", "distilbert"])
def test_it_is_the_kernels_twin(folder, family):
    write_model(folder, family)
    found = encoder(str(folder))
    ids = np.array(marked(found, "a red apple and orange", PROMPTS["document"]))
    packed = pack_bert(found.config.shape, found._weights())
    states = found._embed_pieces(ids) + found._positions[: len(ids)]
    wanted = twin.bert(found.config.shape, packed, states, [len(ids)])
    assert found.encode(["a red apple and orange"])[0] @ normalize(wanted.mean(0)) > 0.9999


@pytest.mark.parametrize(("role", "prompt"), [("query", "query : "), ("document", "passage : ")])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_pooling_and_prompts(folder, pooling, role, prompt):
    tensors = write_model(folder, pooling=pooling)
    found = encoder(str(folder))
    states = in_float(tensors, "bert", marked(found, "red apple", prompt))
    wanted = states[0] if pooling == "cls" else states.mean(0)
    assert found.encode(["red apple"], role=role)[0] @ normalize(wanted) > 0.999


def test_vectors_of_tokens(folder):
    tensors = write_model(folder)
    found = encoder(str(folder))
    (tokens,) = found.encode_tokens(["red 蘋果"], role="query")
    wanted = in_float(tensors, "bert", marked(found, "red 蘋果", PROMPTS["query"]))
    assert tokens.starts.tolist() == [0, 4, 5]
    assert tokens.ends.tolist() == [3, 5, 6]
    assert (normalize(tokens.vectors) * normalize(wanted[3:-1])).sum(1).min() > 0.998


def test_a_text_has_one_vector_alone_and_in_a_batch_and_none_is_cut(folder):
    write_model(folder)
    found = encoder(str(folder))
    together = found.encode([*TEXTS, LONG, LONG + "apple"] * 9)
    for i, text in enumerate([*TEXTS, LONG, LONG + "apple"]):
        assert np.array_equal(found.encode([text])[0], together[i])
    assert not np.array_equal(together[len(TEXTS)], together[len(TEXTS) + 1])
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    assert found.window == WINDOW - 2 - 2


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 17), max_size=WINDOW - 2), min_size=1, max_size=8))
def test_any_ids_of_any_lengths(opened, ids):
    vectors = opened.forward(ids)
    assert vectors.shape == (len(ids), opened.dim)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors[-1], opened.forward(ids[-1:])[0])


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    write_model(folder)
    return encoder(str(folder))


@pytest.mark.parametrize("name", ["BertModel", ""])
def test_half_precision_and_names_that_all_begin_alike(folder, name):
    tensors = write_model(folder)
    before = encoder(str(folder)).encode(TEXTS)
    start = f"{name}." if name else ""
    save_file(
        {start + key: array.astype(np.float16) for key, array in tensors.items()},
        folder / "model.safetensors",
    )
    after = BertFolder(folder, name="other").encode(TEXTS)
    assert (before * after).sum(1).min() > 0.999


class TestStamp:
    def test_it_tells_weights_pooling_and_prompts_apart(self, tmp_path):
        tensors = write_model(tmp_path / "a")
        prints = [encoder(str(tmp_path / "a")).fingerprint]
        for name, pooling in (("b", "mean"), ("c", "cls")):
            write_model(tmp_path / name, pooling=pooling)
            prints.append(BertFolder(tmp_path / name, name=name).fingerprint)
        write_json(tmp_path / "b" / "config_sentence_transformers.json", {"prompts": {"query": "apple "}})
        prints.append(BertFolder(tmp_path / "b", name="b").fingerprint)
        changed = {**tensors, "embeddings.LayerNorm.bias": tensors["embeddings.LayerNorm.bias"] + 1}
        save_file(changed, tmp_path / "c" / "model.safetensors")
        prints.append(BertFolder(tmp_path / "c", name="c").fingerprint)
        assert prints[0] == prints[1]
        assert len(set(prints)) == 4

    def test_it_needs_no_library_of_torch(self, folder):
        write_model(folder)
        encoder(str(folder)).encode(TEXTS)
        assert "sentence_transformers" not in sys.modules


class TestChoice:
    def test_by_folder_and_by_hub_it_is_the_same(self, folder, monkeypatch):
        write_model(folder)
        monkeypatch.chdir(folder.parent)
        for name in (f"./{folder.name}", str(folder), f"hub:{folder}"):
            assert encoder(name).name == f"hub:{folder}"
            assert isinstance(encoder(name), BertFolder)

    def test_a_collection_made_with_it_knows_it_again(self, folder, tmp_path):
        write_model(folder)
        firth.open(str(tmp_path / "c"), model=str(folder)).add(
            [Item("1", text="red apple"), Item("2", text="橙")]
        )
        again = firth.open(str(tmp_path / "c"))
        assert again.search("橙", mode="vector").ids[0] == "2"

    def test_what_the_kernel_has_not_goes_on_as_before_and_says_why(self, folder):
        write_model(folder, activation="silu")
        found = hub_encoder(str(folder))
        assert isinstance(found, HubEncoder)
        assert "got 'silu'" in found.instead

    def test_without_sentence_transformers_it_says_what_to_install_and_why(self, folder, monkeypatch):
        write_model(folder, activation="silu")
        monkeypatch.setitem(sys.modules, "sentence_transformers", None)
        with pytest.raises(MissingExtraError, match=r"got 'silu'.*pip install 'firth\[hub\]'"):
            hub_encoder(str(folder)).encode(["apple"])

    def test_with_the_kernel_off(self, folder, monkeypatch):
        write_model(folder)
        monkeypatch.setenv("FIRTH_KERNEL", "off")
        found = hub_encoder(str(folder))
        assert isinstance(found, HubEncoder)
        assert "kernel: off" in found.instead

    def test_with_the_kernel_off_after_it_was_opened(self, folder, monkeypatch):
        write_model(folder)
        found = hub_encoder(str(folder))
        monkeypatch.setenv("FIRTH_KERNEL", "off")
        with pytest.raises(InputError, match="open it again"):
            found.encode(["apple"])

    def test_another_kind_of_model_is_no_business_of_the_kernel(self, folder):
        write_json(folder.parent / "config.json", {"model_type": "clip"})
        found = hub_encoder(str(folder.parent))
        assert isinstance(found, HubEncoder)
        assert not found.instead

    def test_a_model_that_was_downloaded(self, tmp_path, monkeypatch):
        there = tmp_path / "models--sentence-transformers--tiny"
        write_model(there / "snapshots" / "abc")
        (there / "refs").mkdir()
        (there / "refs" / "main").write_text("abc", "ascii")
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
        monkeypatch.delenv("SENTENCE_TRANSFORMERS_HOME", raising=False)
        assert downloaded("tiny") == downloaded("sentence-transformers/tiny") == there / "snapshots" / "abc"
        assert downloaded("other/tiny") is None
        found = hub_encoder("tiny")
        assert isinstance(found, BertFolder)
        assert found.name == "hub:tiny"


class TestBesideSentenceTransformers:
    """The same stamp, and the same vectors within what docs/kernel.md states."""

    @pytest.fixture(autouse=True)
    def library(self):
        return pytest.importorskip("sentence_transformers", reason="the extra hub is not installed")

    @pytest.mark.parametrize("pooling", ["mean", "cls"])
    @pytest.mark.parametrize("activation", ["gelu", "relu"])
    @pytest.mark.parametrize("family", list(FAMILIES))
    def test_it_is_the_same_encoder(self, folder: Path, family, activation, pooling):
        write_model(folder, family, activation=activation, pooling=pooling)
        ours, theirs = hub_encoder(str(folder)), HubEncoder(str(folder))
        assert isinstance(ours, BertFolder)
        if family in {"bert", "distilbert"}:  # the others lack a pooler here, and torch makes one up
            assert ours.stamp == theirs.stamp
        assert ours.window == theirs.window
        assert ours.passage_tokens == theirs.passage_tokens
        for role in ("query", "document"):
            got, wanted = (found.encode([*TEXTS, LONG], role=role) for found in (ours, theirs))
            assert (got * wanted).sum(1).min() > 0.999
