"""Options of a model's folder that firth's kernel has not: each is refused by name, before anything is read."""

from __future__ import annotations

import pytest

from firth.encoders.bert_config import is_bert_like, read_bert_config
from firth.encoders.bert_folder import BertFolder
from firth.encoders.hub import hub_encoder
from firth.errors import InputError, UnreadableError
from firth.kernel.paths import best_path

from .bert_models import change_json, write_json, write_model

pytest.importorskip("tokenizers", reason="the extra minilm is not installed")
save_file = pytest.importorskip("safetensors.numpy", reason="the extra minilm is not installed").save_file
pytestmark = pytest.mark.skipif(best_path() is None, reason="the kernel is not built, or off")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "模型 model"


@pytest.mark.parametrize(
    ("file", "notes", "message"),
    [
        ("config.json", {"hidden_act": "silu"}, "hidden_act: got 'silu'; expected 'gelu' or 'relu'"),
        ("config.json", {"model_type": "mpnet"}, "model_type: got 'mpnet'"),
        ("config.json", {"position_embedding_type": "relative_key"}, "position_embedding_type"),
        ("config.json", {"is_decoder": True}, "is_decoder: got True"),
        ("config.json", {"hidden_size": 96}, "got widths of 96 and 256 with 4 heads"),
        ("config.json", {"intermediate_size": None}, "intermediate_size: got None; expected a number"),
        ("config.json", {"num_attention_heads": 16}, "with 16 heads"),
        (
            "1_Pooling/config.json",
            {"pooling_mode": "max"},
            "pooling_mode: got 'max'; expected 'mean' or 'cls'",
        ),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}, r"got \['cls', 'mean'\]"),
        ("1_Pooling/config.json", {"include_prompt": False}, "include_prompt: got False"),
        ("sentence_bert_config.json", {"transformer_task": "fill-mask"}, "transformer_task"),
    ],
)
def test_an_option_that_the_kernel_has_not(folder, file, notes, message):
    write_model(folder)
    change_json(folder / file, **notes)
    with pytest.raises(InputError, match=message):
        BertFolder(folder, name="x")


def test_a_module_more(folder):
    write_model(folder)
    kinds = ["Transformer", "Pooling", "Dense"]
    modules = [{"path": str(i) if i else "", "type": f"a.b.{kind}"} for i, kind in enumerate(kinds)]
    write_json(folder / "modules.json", modules)
    with pytest.raises(InputError, match=r"got Transformer, Pooling, Dense; expected"):
        read_bert_config(folder)
    assert "Dense" in hub_encoder(str(folder)).instead


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_file_that_is_missing(folder, name):
    write_model(folder)
    (folder / name).unlink()
    with pytest.raises(InputError, match=name):
        BertFolder(folder, name="x")


def test_a_tensor_that_is_missing(folder):
    tensors = write_model(folder)
    del tensors["encoder.layer.1.output.dense.bias"]
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(InputError, match=r"without 'encoder.layer.1.output.dense.bias'"):
        BertFolder(folder, name="x").check()


@pytest.mark.parametrize("name", ["config.json", "modules.json"])
def test_a_damaged_file(folder, name):
    write_model(folder)
    (folder / name).write_text("{", "utf-8")
    with pytest.raises(UnreadableError, match=name):
        read_bert_config(folder)
    assert is_bert_like(folder) == (name == "modules.json")


def test_a_tokenizer_that_its_notes_contradict(folder):
    write_model(folder)
    change_json(folder / "tokenizer_config.json", do_lower_case=False)
    with pytest.raises(InputError, match="lowercase True, and False"):
        BertFolder(folder, name="x").encode(["Apple"])


def test_other_marks(folder):
    from tokenizers import Tokenizer, processors

    write_model(folder)
    path = str(folder / "tokenizer.json")
    tokenizer = Tokenizer.from_file(path)
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A", special_tokens=[("[CLS]", 2)])
    tokenizer.save(path)
    with pytest.raises(InputError, match="expected one before and one behind"):
        BertFolder(folder, name="x").encode(["apple"])
