"""Vectors of tokens in their context."""

from itertools import pairwise

import numpy as np
import pytest

from firth.encoders import encoder, entries, is_installed
from firth.similarity import cosine, normalize

BATS = {
    "cave": "A bat flew out of the dark cave and hung upside down.",
    "attic": "There is a bat sleeping in our attic, with folded wings.",
    "baseball": "He swung the bat and hit the ball out of the park.",
    "cricket": "The cricketer bought a new bat made of willow.",
}


@pytest.fixture(scope="module", params=["e5-small", "minilm"])
def transformer(request):
    if not is_installed(entries()[request.param]):
        pytest.skip(f"the weights of {request.param} are not installed")
    return encoder(request.param)


@pytest.mark.parametrize("role", ["query", "document"])
def test_offsets_are_characters_of_the_text(transformer, role):
    """Each token's stretch, read in the text, covers the text in order."""
    text = "  The quick brown fox, jumping! \n over it"
    (tokens,) = transformer.encode_tokens([text], role=role)
    words = [text[a:b].strip() for a, b in zip(tokens.starts, tokens.ends, strict=True)]
    assert "".join(words) == "".join(text.split())
    assert (np.diff(tokens.starts) >= 0).all()
    assert tokens.vectors.shape == (len(tokens.starts), transformer.dim)


@pytest.mark.parametrize("role", ["query", "document"])
@pytest.mark.parametrize(
    "text", ["我在超市買了蘋果和香蕉。", "我在超市买了苹果和香蕉。", "𠮷野家的👩‍🚀吃 apple 派"]
)
def test_offsets_in_chinese(e5, text, role):
    (tokens,) = e5.encode_tokens([text], role=role)
    stretches = list(zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True))
    assert stretches[0][0] == 0
    assert stretches[-1][1] == len(text)
    assert all(end == start for (_, end), (start, _) in pairwise(stretches))


def test_offsets_count_characters_where_a_character_becomes_several(e5):
    """Normalisation writes ㍿ as four characters and ﬁ as two: offsets are of what the user wrote."""
    text = "㍿ ﬁsh 蘋果"
    (tokens,) = e5.encode_tokens([text])
    apple = [text[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True) if a >= 6]
    assert "".join(apple).strip() == "蘋果"
    assert tokens.ends[-1] == len(text)


def test_the_mean_of_all_tokens_is_the_vector(transformer, texts):
    """With the marks and the prefix, which `encode_tokens` leaves out, in it: nothing else is in a vector."""
    for text in texts[:8]:
        ids = transformer.tokenize([text])
        states, lengths = transformer._states(ids)
        assert lengths.tolist() == [len(states)] == [len(ids[0]) + 2]
        np.testing.assert_allclose(transformer.encode([text])[0], normalize(states.mean(0)), atol=2e-6)
        (tokens,) = transformer.encode_tokens([text])
        inner = states[1:-1]
        np.testing.assert_allclose(tokens.vectors, inner[len(inner) - len(tokens.vectors) :], atol=1e-4)


def test_pool_is_the_mean_of_the_tokens_that_touch(e5):
    text = "我吃蘋果。"
    (tokens,) = e5.encode_tokens([text])
    touching = [
        vector
        for vector, start, end in zip(tokens.vectors, tokens.starts, tokens.ends, strict=True)
        if start < 4 and end > 2
    ]
    np.testing.assert_allclose(tokens.pool(2, 4), np.mean(touching, 0), atol=1e-6)


def test_a_word_has_another_vector_in_another_sense(e5):
    """Bat and bat: animals are nearer each other than an animal is to a club."""
    tokens = e5.encode_tokens(list(BATS.values()))
    places = [text.index("bat") for text in BATS.values()]
    cave, attic, baseball, cricket = (
        t.pool(place, place + 3) for t, place in zip(tokens, places, strict=True)
    )
    across = [cosine(a, b) for a in (cave, attic) for b in (baseball, cricket)]
    assert cosine(cave, attic) > max(across)
    assert cosine(baseball, cricket) > max(across)


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_a_text_without_tokens_has_none(transformer, text):
    (tokens,) = transformer.encode_tokens([text])
    assert tokens.vectors.shape == (0, transformer.dim)


def test_a_long_text_is_read_window_by_window(e5):
    text = "蘋果和香蕉都是水果。" * 200
    (tokens,) = e5.encode_tokens([text])
    assert len(tokens.starts) > e5.window
    assert tokens.ends[-1] == len(text)
    assert np.isfinite(tokens.vectors).all()
