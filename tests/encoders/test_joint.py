"""A joint model in a folder: what it takes, what it shares, and what it refuses."""

import json
import shutil

import numpy as np
import pytest

from firth import sample
from firth.encoders import encoder
from firth.encoders.class_names import ClassNames
from firth.encoders.heads import adapted_texts, picture_vectors
from firth.encoders.joint import Joint
from firth.encoders.joint_folder import Tower, read_notes, read_tower, write_tower
from firth.encoders.picture_vectors import vectors_of_pictures
from firth.encoders.spaces import LOOK, MEANING, default_spaces
from firth.errors import EncoderMismatchError, UnknownNameError, UnreadableError

PICTURES = [
    sample.path() / f"pictures/{name}.png" for name in ("emoji-1f34e", "clipart-tiger", "emoji-1fad6")
]


def made_arrays(d, *, adapter, seed=0):
    rng = np.random.default_rng(seed)
    shapes = {"center": (1280,), "w": (1280, d), "b": (d,), "names": (1,), "shift": (d,)}
    shapes |= {"hidden.w": (1280, 4), "hidden.b": (4,), "hidden.out": (4, d)}
    shapes |= {"text.center": (d,), "text.w": (d, d), "text.b": (d,)} if adapter else {}
    arrays = {name: rng.normal(0, 0.02, shape).astype(np.float32) for name, shape in shapes.items()}
    return {**arrays, "scale": np.ones(1280, np.float32)}


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """Writes a model of random arrays: ``make(adapter=..., network=...)`` gives its folder."""

    def write(*, adapter=False, network=None, text=None, picture=None):
        folder = tmp_path_factory.mktemp("joint")
        use = encoder("use")
        arrays = made_arrays(use.dim, adapter=adapter)
        tower = Tower(
            text or use.stamp, picture or encoder("lite0").fingerprint, arrays, network or {}, {"mode": "x"}
        )
        write_tower(folder, tower)
        return folder

    return write


@pytest.fixture(scope="module")
def plain(make):
    return make()


@pytest.fixture(scope="module")
def adapted(make):
    return make(adapter=True)


def test_what_is_written_is_read(plain):
    tower, arrays = read_tower(plain, "use"), made_arrays(512, adapter=False)
    assert tower.text == encoder("use").stamp
    assert tower.notes["mode"] == "x"
    assert set(tower.arrays) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_allclose(tower.arrays[name], array, atol=1e-4, err_msg=name)  # matrices in 16 bits


def test_pictures_are_the_head_s(plain):
    features, logits = encoder("lite0").run(PICTURES)
    names = encoder("class-names:use").from_logits(logits)
    expected = picture_vectors(read_tower(plain, "use").arrays, features, names)
    np.testing.assert_allclose(encoder(str(plain)).encode(PICTURES), expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(expected, axis=1), 1, atol=1e-5)


def test_texts_are_the_text_encoder_s_own(plain):
    joint = encoder(str(plain))
    texts = ["apple", "蘋果", "a long text " * 200]
    np.testing.assert_array_equal(joint.encode(texts), encoder("use").encode(texts))
    assert joint.for_texts is encoder("use")


def test_with_an_adapter_texts_move(adapted):
    joint = encoder(str(adapted))
    own = encoder("use").encode(["apple", "蘋果"])
    expected = adapted_texts(read_tower(adapted, "use").arrays, own)
    np.testing.assert_allclose(joint.encode(["apple", "蘋果"]), expected, atol=1e-5)
    assert np.abs(expected - own).max() > 1e-3
    assert joint.for_texts is joint
    assert joint.count_tokens(["蘋果"]) == encoder("use").count_tokens(["蘋果"])


@pytest.mark.parametrize("which", ["plain", "adapted"])
def test_mixtures(which, request):
    joint = encoder(str(request.getfixturevalue(which)))
    told = []
    mixed = joint.encode(["apple", PICTURES[0], "蘋果", PICTURES[1].read_bytes()], progress=told.append)
    assert sum(told) == 4
    np.testing.assert_allclose(mixed[[1, 3]], joint.encode(PICTURES[:2]), atol=1e-5)
    np.testing.assert_allclose(mixed[[0, 2]], joint.encode(["apple", "蘋果"]), atol=1e-5)
    assert joint.encode([]).shape == (0, 512)


class TestNames:
    def test_the_absolute_path_whatever_was_asked(self, plain, monkeypatch):
        monkeypatch.chdir(plain.parent)
        joint = encoder(f"./{plain.name}")
        assert isinstance(joint, Joint)
        assert joint.name == str(plain)
        assert joint is encoder(str(plain))

    def test_a_folder_called_like_an_encoder_takes_a_path(self, plain, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        shutil.copytree(plain, tmp_path / "use")
        assert encoder("use").name == "use"
        assert encoder("joint:use").name == "joint:use"
        assert encoder("./use").name == str(tmp_path / "use")

    def test_of_one_text_encoder(self, plain):
        assert encoder(f"{plain}:use").name == f"{plain}:use"
        with pytest.raises(UnknownNameError, match="no head for 'e5-small'; it has: use"):
            encoder(f"{plain}:e5-small")

    def test_a_folder_that_is_none(self, tmp_path):
        with pytest.raises(UnknownNameError, match=r"no model\.json"):
            encoder(str(tmp_path))

    def test_written_anew_it_is_another(self, make):
        folder = make()
        before = encoder(str(folder))
        fingerprint = before.fingerprint
        tower = read_tower(folder, "use")
        write_tower(folder, Tower(tower.text, tower.picture, {**tower.arrays, "b": tower.arrays["b"] + 1}))
        after = encoder(str(folder))
        assert before.name == after.name
        assert after.fingerprint != fingerprint

    def test_the_fingerprint_is_that_of_the_weights(self, plain, adapted, make):
        assert encoder(str(plain)).fingerprint == encoder(str(make())).fingerprint
        assert encoder(str(plain)).fingerprint != encoder(str(adapted)).fingerprint


class TestRefused:
    def test_other_text_weights(self, make):
        stamp = encoder("use").stamp
        folder = make(text=type(stamp)("use", 512, "of last year"))
        with pytest.raises(EncoderMismatchError, match="of last year"):
            encoder(str(folder))

    def test_another_picture_network(self, make):
        with pytest.raises(EncoderMismatchError, match="lite0 \\(of last year\\)"):
            encoder(str(make(picture="of last year")))

    @pytest.mark.parametrize(
        "notes", ['{"kind": "joint", "format": 2, "towers": {}}', "{", '{"kind": "words"}']
    )
    def test_newer_or_damaged_notes(self, tmp_path, notes):
        (tmp_path / "model.json").write_text(notes, "utf-8")
        with pytest.raises(UnreadableError, match=r"model\.json"):
            read_notes(tmp_path)

    def test_damaged_weights(self, make):
        folder = make()
        path = folder / "use.safetensors"
        path.write_bytes(path.read_bytes()[:1000])
        with pytest.raises(UnreadableError, match=r"use\.safetensors"):
            read_tower(folder, "use")


class TestSpaces:
    def test_a_folder_gives_meaning(self, plain):
        spaces = default_spaces(str(plain))
        assert spaces[MEANING].stamps["image"].name == str(plain)
        assert spaces[MEANING].stamps["text"] == encoder("use").stamp
        assert spaces[MEANING].encoder("image") is encoder(str(plain))
        assert spaces[LOOK].stamps["image"] == encoder("lite0").stamp

    def test_with_an_adapter_for_texts_too(self, adapted):
        stamps = default_spaces(str(adapted))[MEANING].stamps
        assert stamps["text"] == stamps["image"] == encoder(str(adapted)).stamp

    def test_another_model_in_the_same_place(self, make):
        folder = make()
        space = default_spaces(str(folder))[MEANING]
        tower = read_tower(folder, "use")
        write_tower(folder, Tower(tower.text, tower.picture, {**tower.arrays, "b": tower.arrays["b"] + 1}))
        with pytest.raises(EncoderMismatchError):
            space.encoder("image")


def test_one_pass_of_the_network_serves_all(plain, monkeypatch):
    lite0, passes = encoder("lite0"), []
    run = lite0.run
    monkeypatch.setattr(lite0, "run", lambda *args, **how: passes.append(1) or run(*args, **how))
    several = {"look": lite0, "names": encoder("class-names:use"), "meaning": encoder(str(plain))}
    assert isinstance(several["names"], ClassNames)
    vectors = vectors_of_pictures(several, PICTURES)
    assert len(passes) == 1
    for name, one in several.items():
        np.testing.assert_allclose(vectors[name], one.encode(PICTURES), atol=1e-5, err_msg=name)


def test_a_tuned_network_has_a_pass_of_its_own(make):
    lite0 = encoder("lite0")
    weights = {name: np.ascontiguousarray(array) for name, array in lite0.weights().items()}
    same = encoder(str(make(network=weights)))
    vectors = vectors_of_pictures({"look": lite0, "meaning": same}, PICTURES)
    untouched = encoder(str(make()))
    assert same.pictures is not lite0
    cosines = (vectors["meaning"] * untouched.encode(PICTURES)).sum(1)
    assert cosines.min() > 0.999  # its weights are those of lite0, in 16 bits
    np.testing.assert_allclose(vectors["look"], lite0.encode(PICTURES), atol=1e-5)


def test_the_notes_are_readable(plain):
    notes = json.loads((plain / "model.json").read_text("utf-8"))
    assert notes["kind"] == "joint"
    assert notes["towers"]["use"]["weights"] == "use.safetensors"
