"""Encoders in firth's kernel beside the same in ONNX Runtime, fp32; and encoding in batches, in threads."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firth.encoders import entries, is_installed
from firth.encoders.e5 import E5Small
from firth.encoders.flat import TOKENIZED, in_threads
from firth.encoders.minilm import MiniLM
from firth.encoders.use import UniversalSentenceEncoder
from firth.kernel.paths import kernel_paths
from firth.kernel.threads import cores

pytest.importorskip("firth.kernel._encode")

ENCODERS = {"use": UniversalSentenceEncoder, "e5-small": E5Small, "minilm": MiniLM}
MEAN = {"use": 0.9998, "e5-small": 0.9997, "minilm": 0.999}
LEAST = {"use": 0.9995, "e5-small": 0.999, "minilm": 0.9975}
ODD = [
    "",
    " ",
    "\n",
    "a",
    "我",
    "龘",
    "龘 龘 龘",
    "?!",
    "👩‍🚀 👨‍👩‍👧‍👦",
    "\u200d",
    "x" * 300,
    "0 " * 700,
    "蘋果和香蕉。" * 400,
]
ODD_LEAST = {"use": 0.997, "e5-small": 0.999, "minilm": 0.996}


@pytest.fixture(scope="module", params=list(ENCODERS))
def name(request):
    if not is_installed(entries()[request.param]):
        pytest.skip(f"the weights of {request.param} are not installed")
    return request.param


def made(name, setting):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRTH_KERNEL", setting)
        encoder = ENCODERS[name]()
        assert (encoder._kernel is None) == (setting == "off")
        return encoder


@pytest.fixture(scope="module")
def fast(name):
    return made(name, kernel_paths()[0])


@pytest.fixture(scope="module")
def exact(name):
    return made(name, "off")


@pytest.fixture
def threads(monkeypatch):
    """Sets how many threads there are."""

    def set_to(count):
        monkeypatch.setenv("FIRTH_THREADS", str(count))
        cores.cache_clear()

    yield set_to
    monkeypatch.undo()
    cores.cache_clear()


class TestBesideOnnxRuntime:
    def test_vectors_are_near(self, name, fast, exact, texts):
        some = [text for text in texts if len(text) < 150]
        cosines = (fast.encode(some) * exact.encode(some)).sum(1)
        assert cosines.mean() >= MEAN[name]
        assert cosines.min() >= LEAST[name]

    def test_of_odd_texts_too(self, name, fast, exact):
        cosines = (fast.encode(ODD) * exact.encode(ODD)).sum(1)
        assert cosines.min() >= ODD_LEAST[name], dict(zip(ODD, cosines.tolist(), strict=True))

    def test_they_count_as_the_same_encoders(self, fast, exact):
        fast.stamp.check(exact.stamp)

    def test_vectors_have_unit_length(self, fast):
        np.testing.assert_allclose(np.linalg.norm(fast.encode(ODD), axis=1), 1, atol=1e-5)

    @pytest.mark.parametrize("path", kernel_paths()[1:-1])
    def test_other_paths_make_the_same_vectors(self, name, path, fast, texts):
        some = [*ODD[:10], *[text for text in texts if len(text) < 100][:20]]
        assert np.array_equal(made(name, path).encode(some), fast.encode(some))

    def test_plain_c_is_as_near(self, name, fast, exact):
        """It rounds once more where it multiplies and adds, and of layer to layer more codes are their neighbours."""
        some = ["apple", "蘋果是一種水果", "He swung the bat and hit the ball."]
        vectors = made(name, "plain").encode(some)
        assert (vectors * fast.encode(some)).sum(1).min() >= LEAST[name]
        assert (vectors * exact.encode(some)).sum(1).min() >= LEAST[name]

    def test_token_vectors_are_near(self, fast, exact):
        if not hasattr(fast, "encode_tokens"):
            pytest.skip("it has none")
        some = ["A bat flew out of the dark cave.", "我在超市買了蘋果和香蕉。"]
        for ours, theirs in zip(fast.encode_tokens(some), exact.encode_tokens(some), strict=True):
            assert np.array_equal(ours.starts, theirs.starts)
            cosines = (ours.vectors * theirs.vectors).sum(1) / np.linalg.norm(ours.vectors, axis=1)
            assert (cosines / np.linalg.norm(theirs.vectors, axis=1)).min() >= 0.99


class TestBatches:
    def test_a_text_has_the_same_vector_alone_and_among_others(self, fast, texts):
        some = [*ODD[:11], *texts[-20:]]
        together = fast.encode(some)
        assert np.array_equal(np.concatenate([fast.encode([text]) for text in some]), together)
        assert np.array_equal(fast.encode(some[::-1])[::-1], together)

    def test_and_with_any_number_of_threads(self, fast, texts, threads):
        some = [*texts[-30:], ODD[-1]]
        found = []
        for count in (1, 2, 5):
            threads(count)
            found.append(fast.encode(some))
        assert np.array_equal(found[0], found[1])
        assert np.array_equal(found[0], found[2])

    def test_of_a_long_text_the_windows_are_averaged_by_length(self, fast):
        (ids,) = fast.tokenize([ODD[-1]])
        windows = [ids[i : i + fast.window] for i in range(0, len(ids), fast.window)]
        assert len(windows) > 1 or fast.name == "use"
        mean = sum(len(window) * fast.forward([window])[0] for window in windows)
        np.testing.assert_allclose(fast.encode([ODD[-1]])[0], mean / np.linalg.norm(mean), atol=1e-6)

    def test_progress_counts_every_text_once(self, fast):
        seen = []
        fast.encode([*ODD, *["apple"] * (TOKENIZED + 1)], progress=seen.append)
        assert sum(seen) == len(ODD) + TOKENIZED + 1

    def test_no_text(self, fast):
        assert fast.encode([]).shape == (0, fast.dim)

    def test_one_string_is_refused(self, fast):
        with pytest.raises(ValueError, match="expected a list"):
            fast.encode("apple")


VOCABULARY = {"use": 128_010, "e5-small": 250_037, "minilm": 30_522}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_ids_in_any_lengths(fast, data):
    """Whatever the tokenizer could say: vectors of unit length, and the same alone and together."""
    ids = st.one_of(
        st.integers(0, VOCABULARY[fast.name] - 1), st.sampled_from([0, VOCABULARY[fast.name] - 1])
    )
    sequences = data.draw(st.lists(st.lists(ids, max_size=60), min_size=1, max_size=6))
    vectors = fast.forward(sequences)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(np.concatenate([fast.forward([one]) for one in sequences]), vectors)


@pytest.mark.parametrize("ids", [[10**6], [2**40]])
def test_ids_that_are_none_are_refused(fast, ids):
    with pytest.raises(IndexError):
        fast.forward([ids])


class TestInThreads:
    @pytest.mark.parametrize("count", [0, 1, 2, 100])
    def test_results_come_in_order(self, count):
        assert list(in_threads(lambda n: n * n, range(count))) == [n * n for n in range(count)]

    def test_jobs_are_taken_only_a_few_ahead(self):
        taken = []

        def jobs():
            for n in range(1000):
                taken.append(n)
                yield n

        results = in_threads(str, jobs())
        next(results)
        assert len(taken) <= 2 * cores() + 3
        results.close()

    def test_an_error_reaches_who_asked_and_no_thread_stays(self):
        def work(n):
            if n == 7:
                raise ValueError("seven")
            return n

        with pytest.raises(ValueError, match="seven"):
            list(in_threads(work, range(1000)))
        assert not [t for t in threading.enumerate() if t.name.startswith("firth-encode")]

    def test_an_error_of_the_jobs_too(self):
        def jobs():
            yield from range(5)
            raise KeyError("jobs")

        with pytest.raises(KeyError):
            list(in_threads(str, jobs()))
