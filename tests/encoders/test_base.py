"""What every encoder of texts promises, run over all of them; and the batching they share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.encoders import Stamp, TextEncoder, encoder, entries, is_installed
from firth.encoders.base import batches_by_length, checked_inputs, checked_texts
from firth.errors import EncoderMismatchError, InputError

NAMES = ["use", "e5-small", "minilm"]
ODD = {
    "empty": "",
    "a space": " ",
    "line ends": "\r\n\t",
    "an ideographic space": "\u3000全形　空白",
    "zero-width space": "\u200b",
    "byte order mark": "\ufeff",
    "NUL": "a\x00b",
    "control characters": "\x01\x02",
    "an emoji of many code points": "👩‍👩‍👧‍👦 吃 🍎",
    "a combining mark": "cafe\u0301",
    "a ligature": "ﬁsh",
    "full width": "ＡＢＣ１２３",
    "right to left": "\u202eتفاحة",
    "outside of the first plane": "𠮷野家",
    "rare characters in a row": "龘龘龘靐齉",
    "no character": "\ufffe\uffff\U0010ffff",
    "the replacement character": "\ufffd",
    "one long word": "a" * 3000,
    "many marks": "e" + "\u0301" * 200,
}


@pytest.fixture(scope="module", params=NAMES)
def texts_encoder(request) -> TextEncoder:
    if not is_installed(entries()[request.param]):
        pytest.skip(f"the weights of {request.param} are not installed")
    return encoder(request.param)


class TestEveryTextEncoder:
    def test_unit_rows_of_its_width(self, texts_encoder, texts):
        vectors = texts_encoder.encode(texts[:20])
        assert vectors.shape == (20, texts_encoder.dim)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_nothing_gives_nothing(self, texts_encoder):
        assert texts_encoder.encode([]).shape == (0, texts_encoder.dim)

    @pytest.mark.parametrize("text", ODD.values(), ids=ODD)
    def test_odd_texts_have_a_vector(self, texts_encoder, text):
        (vector,) = texts_encoder.encode([text])
        assert np.isfinite(vector).all()
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)

    def test_order_and_company_make_no_difference(self, texts_encoder, texts):
        """Texts are sorted by length and padded within; nobody may see that from outside."""
        some = [*texts[:30], "", "apple", "蘋果"]
        order = np.random.default_rng(1).permutation(len(some))
        together = texts_encoder.encode(some)
        shuffled = texts_encoder.encode([some[i] for i in order])
        alone = np.concatenate([texts_encoder.encode([text]) for text in some])
        np.testing.assert_allclose(shuffled, together[order], atol=2e-6)
        np.testing.assert_allclose(alone, together, atol=2e-6)

    def test_the_same_texts_give_the_same_bits(self, texts_encoder, texts):
        first, second = (texts_encoder.encode(texts[:40]) for _ in range(2))
        assert first.tobytes() == second.tobytes()

    @pytest.mark.parametrize("length", ["over a window", pytest.param("10,000", marks=pytest.mark.slow)])
    def test_a_long_text_is_the_mean_of_its_windows(self, texts_encoder, texts, length):
        """Nothing is cut off, and each window counts by its length."""
        tokens = 10_000 if length == "10,000" else texts_encoder.window + 200
        paragraph = "\n".join(texts[:20])
        long = paragraph * (tokens // texts_encoder.count_tokens([paragraph])[0] + 1)
        (ids,) = texts_encoder.tokenize([long])
        assert len(ids) >= tokens
        parts = [ids[i : i + texts_encoder.window] for i in range(0, len(ids), texts_encoder.window)]
        windows = np.concatenate([texts_encoder.forward([part]) for part in parts])
        mean = (windows * [[len(part)] for part in parts]).sum(0)
        (vector,) = texts_encoder.encode([long])
        np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-5)

    def test_the_end_of_a_long_text_counts(self, texts_encoder):
        start = "the weather is fine " * (texts_encoder.window // 4)
        plain, changed = texts_encoder.encode([start + "rain " * 200, start + "banana " * 200])
        assert plain @ changed < 0.999

    def test_a_long_text_among_short_ones(self, texts_encoder, texts):
        long = "apple and banana " * (texts_encoder.window // 3 + 20)
        vectors = texts_encoder.encode([texts[0], long, texts[1]])
        np.testing.assert_allclose(vectors[[0, 2]], texts_encoder.encode(texts[:2]), atol=2e-6)
        np.testing.assert_allclose(vectors[1:2], texts_encoder.encode([long]), atol=2e-6)

    @pytest.mark.parametrize("long", [False, True])
    def test_progress_adds_up_to_all(self, texts_encoder, texts, long):
        told = []
        some = texts[:25] + (["apple " * texts_encoder.window] if long else [])
        texts_encoder.encode(some, progress=told.append)
        assert sum(told) == len(some)

    def test_tokens_are_counted(self, texts_encoder):
        counts = texts_encoder.count_tokens(["apple", "apple and banana and apple"])
        assert 1 <= counts[0] < counts[1]

    def test_meaning_is_nearer_than_letters(self, texts_encoder):
        cat, kitten, account = texts_encoder.encode(
            ["The cat sleeps on the sofa.", "A kitten naps on the couch.", "The accountant sleeps in court."]
        )
        assert cat @ kitten > cat @ account

    @pytest.mark.parametrize("name", ["use", "e5-small"])
    def test_languages_share_one_space(self, name):
        if not is_installed(entries()[name]):
            pytest.skip(name)
        english = encoder(name).encode(["I like to eat apples.", "The train is late today."])
        for chinese in (["我喜歡吃蘋果。", "火車今天誤點了。"], ["我喜欢吃苹果。", "火车今天晚点了。"]):
            assert (english @ encoder(name).encode(chinese).T).argmax(1).tolist() == [0, 1]

    @pytest.mark.parametrize(
        ("inputs", "got"),
        [
            ("apple", "got one str"),
            (["apple", 7], "input 1 is int"),
            ([None], "input 0 is NoneType"),
            ([b"apple"], "input 0 is bytes"),
            (["蘋果", "\ud83c"], "input 1 holds half a character"),
        ],
    )
    def test_what_is_no_text_is_refused_by_place(self, texts_encoder, inputs, got):
        with pytest.raises(InputError, match=got):
            texts_encoder.encode(inputs)

    def test_its_stamp(self, texts_encoder):
        stamp = texts_encoder.stamp
        assert (stamp.name, stamp.dim) == (texts_encoder.name, texts_encoder.dim)
        assert len(stamp.fingerprint) == 16
        stamp.check(type(texts_encoder)().stamp)


class TestStamp:
    stamp = Stamp("use", 512, "aaaa")

    def test_the_same_passes(self):
        self.stamp.check(Stamp("use", 512, "aaaa"))

    @pytest.mark.parametrize(
        ("other", "said"),
        [
            (Stamp("use", 512, "bbbb"), "the same name but other weights"),
            (Stamp("e5-small", 384, "cccc"), "'e5-small'"),
            (Stamp("mine", 512, "aaaa"), "'mine'"),
        ],
    )
    def test_another_is_refused_with_the_right_one_named(self, other, said):
        with pytest.raises(EncoderMismatchError) as caught:
            self.stamp.check(other)
        message = str(caught.value)
        assert said in message
        assert "Query with 'use'" in message
        assert other.fingerprint in message


class TestBatches:
    @given(lengths=st.lists(st.integers(1, 50), max_size=60), budget=st.integers(1, 200))
    def test_everything_once_within_the_budget(self, lengths, budget):
        batches = [batch.tolist() for batch in batches_by_length(np.array(lengths, np.int64), budget)]
        assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
        for batch in batches:
            assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= budget

    @given(lengths=st.lists(st.integers(1, 50), min_size=1, max_size=60))
    def test_shorter_ones_come_first(self, lengths):
        in_order = [lengths[i] for batch in batches_by_length(np.array(lengths), 64) for i in batch]
        assert in_order == sorted(lengths)


def test_lists_of_any_kind_are_taken():
    assert checked_texts(("a", "b"), "use") == ["a", "b"]
    assert checked_texts(np.array(["蘋果", "apple"]), "use") == ["蘋果", "apple"]
    assert checked_inputs(iter([1, 2])) == [1, 2]
