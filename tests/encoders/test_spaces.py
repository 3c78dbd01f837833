"""Named vectors remember which encoders made them."""

import json

import pytest

from firth.encoders import Stamp, encoder
from firth.encoders.spaces import LOOK, MEANING, Space, default_spaces
from firth.errors import EncoderMismatchError, InputError, UnknownNameError


@pytest.fixture(scope="module")
def spaces():
    return default_spaces("use")


def test_a_new_collection_has_meaning_and_look(spaces):
    assert set(spaces) == {MEANING, LOOK}
    assert spaces[MEANING].dim == 512
    assert spaces[LOOK].dim == 1280
    assert spaces[MEANING].takes("text")
    assert spaces[MEANING].takes("image")
    assert not spaces[LOOK].takes("text")


def test_each_modality_has_its_encoder(spaces):
    assert spaces[MEANING].encoder("text") is encoder("use")
    assert spaces[MEANING].encoder("image") is encoder("joint:use")
    assert spaces[LOOK].encoder("image") is encoder("lite0")


def test_json_and_back(spaces):
    for name, space in spaces.items():
        assert Space.from_json(name, json.loads(json.dumps(space.to_json()))) == space


@pytest.mark.parametrize(
    ("space", "takes"),
    [
        (Space("look", {"image": Stamp("lite0", 1280, "a")}, 1280), "it takes image"),
        (Space("mine", {}, 3), "vectors only, which you bring yourself"),
    ],
)
def test_what_it_does_not_take(space, takes):
    with pytest.raises(UnknownNameError, match=takes):
        space.encoder("text")


def test_other_weights_than_the_stored_ones(spaces):
    stamp = encoder("use").stamp
    old = Space("meaning", {"text": Stamp("use", 512, "of last year")}, 512)
    with pytest.raises(EncoderMismatchError, match="other weights") as caught:
        old.encoder("text")
    assert stamp.fingerprint in str(caught.value)


@pytest.mark.parametrize("model", ["lite0", "one-hot"])
def test_what_has_no_vectors_of_sentences_is_refused(model):
    with pytest.raises(InputError, match=f"got model '{model}'; a collection needs an encoder of sentences"):
        default_spaces(model)
