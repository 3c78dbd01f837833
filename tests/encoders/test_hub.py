"""Models of sentence-transformers, tiny and random, made on the spot and read from their folders."""

import json
import os
import socket
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from firth.encoders import encoder, registry
from firth.encoders.hub import HubEncoder
from firth.encoders.spaces import LOOK, MEANING, default_spaces
from firth.errors import InputError, UnknownNameError, UnreadableError

WORDS = ["a", "red", "apple", "and", "orange", "蘋", "果", "橙", "。", ".", "query", "passage", ":"]
WINDOW = 16


@pytest.fixture(scope="module")
def library():
    return pytest.importorskip("sentence_transformers", reason="the extra hub is not installed")


@pytest.fixture(scope="module")
def text_folder(library, tmp_path_factory):
    """A BERT of two layers, with a prompt for each role."""
    return made_text_model(library, tmp_path_factory.mktemp("text"), seed=0, pooling_mode="mean")


def made_text_model(library, folder, *, seed, pooling_mode):
    import torch
    import transformers
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    torch.manual_seed(seed)
    (folder / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]), "utf-8"
    )
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = transformers.BertConfig(vocab_size=5 + len(WORDS), max_position_embeddings=WINDOW, **size)
    bare = folder / "bare"
    transformers.BertModel(config).eval().save_pretrained(bare)
    transformers.BertTokenizer(str(folder / "vocab.txt"), model_max_length=WINDOW).save_pretrained(bare)
    prompts = {"query": "query : ", "document": "passage : "}
    parts = [Transformer(str(bare)), Pooling(32, pooling_mode=pooling_mode)]
    library.SentenceTransformer(modules=parts, prompts=prompts).save(str(folder / "模型 model"))
    return folder / "模型 model"


@pytest.fixture(scope="module")
def clip_folder(library, tmp_path_factory):
    """A CLIP of two layers in the layout of clip-ViT-B-32: one module, all its files in a folder of its own."""
    import torch
    import transformers

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("clip")
    inner = folder / "0_CLIPModel"
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    vocab = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    marks = {"bos_token_id": len(vocab) - 2, "eos_token_id": len(vocab) - 1, "pad_token_id": len(vocab) - 1}
    config = transformers.CLIPConfig(
        text_config={**size, "vocab_size": len(vocab), "max_position_embeddings": WINDOW, **marks},
        vision_config={**size, "image_size": 32, "patch_size": 16},
        projection_dim=24,
    )
    transformers.CLIPModel(config).eval().save_pretrained(inner)
    (folder / "vocab.json").write_text(json.dumps({piece: i for i, piece in enumerate(vocab)}), "utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")
    tokenizer = transformers.CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=WINDOW
    )
    side = {"size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}
    transformers.CLIPProcessor(transformers.CLIPImageProcessor(**side), tokenizer).save_pretrained(inner)
    module = {"idx": 0, "name": "0", "path": inner.name, "type": "sentence_transformers.models.CLIPModel"}
    (folder / "modules.json").write_text(json.dumps([module]))
    return folder


@pytest.fixture(scope="module")
def texts_only(text_folder):
    return encoder(f"hub:{text_folder}")


@pytest.fixture(scope="module")
def clip(clip_folder):
    return encoder(f"hub:{clip_folder}")


@pytest.fixture(scope="module")
def reference(library, text_folder):
    return library.SentenceTransformer(str(text_folder), local_files_only=True)


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


def test_a_model_of_texts(texts_only, text_folder):
    assert texts_only.name == f"hub:{text_folder}"
    assert texts_only.modalities == {"text"}
    assert texts_only.dim == 32
    assert len(texts_only.fingerprint) == 16
    vectors = texts_only.encode(["red apple", "蘋果", ""])
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, 32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(("role", "prompt"), [("query", "query : "), ("document", "passage : ")])
def test_roles_are_the_models_prompts(texts_only, reference, role, prompt):
    expected = reference.encode(["red apple", "蘋果"], prompt=prompt, normalize_embeddings=True)
    assert np.allclose(texts_only.encode(["red apple", "蘋果"], role=role), expected, atol=1e-5)


def test_the_roles_differ(texts_only):
    assert not np.allclose(
        texts_only.encode_query(["apple"]), texts_only.encode_document(["apple"]), atol=1e-3
    )


def test_the_window_leaves_room_for_marks_and_prompts(texts_only):
    assert texts_only.window == WINDOW - len(["[CLS]", "[SEP]"]) - len(["query", ":"])
    assert texts_only.count_tokens(["red apple", "蘋果", ""]) == [2, 2, 0]


def test_what_is_not_split_into_passages_fits_the_window(texts_only, clip):
    for model in (texts_only, clip):
        assert 1 <= 2 * model.passage_tokens <= model.window


@pytest.mark.parametrize("sentence", ["a red apple and a red orange. ", "紅蘋果。"])
def test_what_is_longer_than_the_window_is_not_cut(texts_only, reference, sentence):
    start = sentence * 8
    one, other = texts_only.encode([start + "apple apple", start + "orange orange"])
    assert one @ other < 1 - 1e-4
    theirs = reference.encode_document([start + "apple apple", start + "orange orange"])
    assert np.allclose(theirs[0], theirs[1])  # which is why


def test_long_and_short_texts_keep_their_places(texts_only):
    texts = ["red", "a red apple. " * 9, "蘋果", "", "orange. " * 30]
    together = texts_only.encode(texts)
    alone = np.concatenate([texts_only.encode([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-5)


def test_ids_are_encoded_as_the_text_they_spell(texts_only):
    ids = texts_only.tokenize(["red apple", "orange"])
    assert np.allclose(texts_only.forward(ids), texts_only.encode(["red apple", "orange"]), atol=1e-5)


def test_no_input_no_vector(texts_only, clip):
    assert texts_only.encode([]).shape == (0, 32)
    assert clip.encode([]).shape == (0, 24)


def test_progress_counts_every_input(clip, pixels):
    told = []
    clip.encode(["apple"] * 300 + [pixels] * 40, progress=told.append)
    assert sum(told) == 340
    assert len(told) > 2


def test_a_clip_takes_texts_and_pictures_into_one_space(clip, library, clip_folder, pixels):
    assert clip.modalities == {"text", "image"}
    assert clip.dim == 24
    theirs = library.SentenceTransformer(str(clip_folder), local_files_only=True)
    pictures = theirs.encode([Image.fromarray(pixels)], normalize_embeddings=True)
    texts = theirs.encode(["apple", "a pear"], normalize_embeddings=True)
    expected = [texts[0], pictures[0], texts[1]]
    assert np.allclose(clip.encode(["apple", pixels, "a pear"]), expected, atol=1e-5)


def test_every_form_of_a_picture_is_the_same(clip, pixels, tmp_path):
    image, file = Image.fromarray(pixels), BytesIO()
    image.save(file, "PNG")
    path = tmp_path / "圖 picture.png"
    path.write_bytes(file.getvalue())
    vectors = clip.encode([pixels, image, file.getvalue(), path])
    assert np.allclose(vectors, vectors[0], atol=1e-6)
    assert not np.allclose(vectors[0], clip.encode([255 - pixels])[0], atol=1e-3)


def test_a_text_that_looks_like_a_picture_is_a_text(clip, pixels, tmp_path, no_network):
    """The library would fetch the one and open the other."""
    path = tmp_path / "apple.png"
    Image.fromarray(pixels).save(path)
    texts = ["http://example.org/apple.png", str(path)]
    vectors = clip.encode(texts)
    assert not np.allclose(vectors[1], clip.encode([path])[0], atol=1e-3)
    assert np.allclose(vectors, clip.encode([f" {text}" for text in texts]), atol=1e-5)


@pytest.fixture
def no_network(monkeypatch):
    def refuse(self, address):
        raise AssertionError(f"asked the network for {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **_: refuse(None, asked))


def test_a_folder_is_read_without_network(text_folder, clip_folder, no_network):
    for folder in (text_folder, clip_folder):
        assert HubEncoder(str(folder)).encode(["apple"]).shape[0] == 1


def test_the_fingerprint_tells_weights_and_pooling_apart(library, texts_only, text_folder, tmp_path):
    assert HubEncoder(str(text_folder)).fingerprint == texts_only.fingerprint
    folders = {}
    for name, seed, pooling in [("same", 0, "mean"), ("weights", 1, "mean"), ("pooling", 0, "cls")]:
        (tmp_path / name).mkdir()
        folders[name] = made_text_model(library, tmp_path / name, seed=seed, pooling_mode=pooling)
    prints = {name: HubEncoder(str(folder)).fingerprint for name, folder in folders.items()}
    assert prints["same"] == texts_only.fingerprint
    assert len({texts_only.fingerprint, prints["weights"], prints["pooling"]}) == 3


def test_a_relative_folder_is_found_from_everywhere(text_folder, monkeypatch):
    monkeypatch.chdir(text_folder.parent)
    assert encoder(f"hub:./{text_folder.name}").name == f"hub:{text_folder}"


def test_a_clip_makes_the_meaning_of_both(clip):
    spaces = default_spaces(clip.name)
    assert spaces[MEANING].encoder("text") is clip
    assert spaces[MEANING].encoder("image") is clip
    assert spaces[MEANING].dim == 24
    assert spaces[LOOK].encoder("image") is encoder("lite0")


def test_beside_a_model_of_texts_pictures_are_seen_by_class_names(texts_only):
    spaces = default_spaces(texts_only.name)
    assert spaces[MEANING].encoder("text") is texts_only
    assert spaces[MEANING].encoder("image").name == f"class-names:{texts_only.name}"


def test_pictures_are_refused_by_a_model_of_texts(texts_only, pixels):
    with pytest.raises(InputError, match=r"input 1 is ndarray; encoder 'hub:.*takes texts"):
        texts_only.encode(["apple", pixels])


@pytest.mark.parametrize("wrong", [np.zeros((4, 4)), np.zeros((4, 4, 3), np.float32), 7, None])
def test_what_is_neither_text_nor_picture(clip, wrong):
    with pytest.raises(InputError, match="expected"):
        clip.encode(["apple", wrong])


def test_a_damaged_folder_is_named(library, tmp_path):
    (tmp_path / "modules.json").write_text("[")
    with pytest.raises(UnreadableError, match=r"cannot be loaded: .*wrote, with modules\.json") as caught:
        encoder(f"hub:{tmp_path}").encode(["apple"])
    assert str(tmp_path) in str(caught.value)


def test_a_name_that_cannot_be_fetched(library, monkeypatch):
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(
        UnreadableError, match=r"'nobody/nothing' cannot be loaded: .*give its folder, hub:FOLDER"
    ):
        encoder("hub:nobody/nothing").encode(["apple"])


@pytest.mark.parametrize("path", ["./nothing", "~/nothing/at/all", os.sep + "nothing", "a/b/c", "a\\b"])
def test_a_folder_that_is_not_there(path):
    with pytest.raises(UnknownNameError, match="there is no such folder"):
        encoder(f"hub:{path}")


def test_hub_alone_names_no_model():
    with pytest.raises(InputError, match="expected hub:NAME or hub:FOLDER"):
        encoder("hub")


def test_without_the_extra_it_says_what_to_type(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ImportError, match=r"pip install 'firth\[hub\]'"):
        HubEncoder(str(tmp_path)).encode(["apple"])


def test_naming_a_model_loads_nothing(tmp_path):
    assert HubEncoder(str(tmp_path)).folder == tmp_path
    assert Path(registry.entries()["hub"].target.partition(":")[0].replace(".", "/")).name == "hub"
