"""Search by examples: ids, texts, pictures, vectors, wanted and unwanted; and what is similar to an item."""

from __future__ import annotations

import numpy as np
import pytest

import firth
from firth import sample as bundled
from firth.errors import DimensionError, UnknownNameError
from firth.similarity import normalize

PICTURES = bundled.path() / "pictures"


class TestPositive:
    def test_an_id_finds_its_like_but_not_itself(self, sample):
        hits = sample.search(positive=["id:help-01-en"], k=5)
        assert "help-01-en" not in hits.ids
        assert set(hits.ids) & {"help-01-zh-tw", "help-01-zh-cn"}

    def test_a_text_is_as_good_as_a_query(self, sample):
        assert sample.search(positive=["dragons"]).ids == sample.search("dragons", mode="vector").ids

    def test_a_picture_by_its_path(self, sample):
        file = PICTURES / "clipart-frog.png"
        assert sample.search(positive=[str(file)]).ids == sample.search(image=file).ids

    def test_a_vector(self, sample):
        ids, vectors = sample.vectors()
        assert sample.search(positive=[vectors[7]])[0].id == ids[7]

    def test_several_are_their_mean(self, sample):
        ids, vectors = sample.vectors()
        one, other = ids.index("book-1"), ids.index("book-2")
        mean = normalize(normalize(vectors[[one, other]]).mean(0))
        expected = sample.search(positive=[mean], k=12, mode="vector")
        found = sample.search(positive=["id:book-1", "id:book-2"], k=10, mode="vector")
        assert found.ids == [id for id in expected.ids if id not in ("book-1", "book-2")]

    def test_a_word_and_a_picture_meet_in_one_space(self, sample):
        hits = sample.search(positive=["水果", str(PICTURES / "clipart-red-apple.png")])
        assert "apple" in " ".join(hits.ids)

    def test_words_that_look_like_an_id_are_words(self, empty):
        empty.add(["id:12 is the number of the form"])
        assert len(empty.search("id:12")) == 1


class TestNegative:
    @pytest.mark.parametrize("unwanted", ["red apple", "id:0"])
    def test_moves_away_from_words(self, empty, unwanted):
        empty.add(["red apple", "green pear", "yellow banana", "a bunch of grapes"], ids=list("0123"))
        before = empty.search("a red fruit", mode="vector").ids
        after = empty.search("a red fruit", negative=[unwanted], mode="vector").ids
        assert before[0] == "0"
        assert "0" not in after or after.index("0") > 0

    @pytest.mark.parametrize("unwanted", ["id:clipart-red-apple", PICTURES / "clipart-red-apple.png"])
    def test_moves_away_from_pictures(self, sample, unwanted):
        def place(**asked):
            ids = sample.search("a fruit", mode="vector", k=621, **asked).ids
            return np.mean([ids.index(id) for id in ("clipart-red-apple", "emoji-1f34e") if id in ids])

        assert place(negative=[unwanted]) > place()

    def test_an_id_is_no_hit(self, sample):
        hits = sample.search("a fruit", negative=["id:clipart-strawberry"], k=621)
        assert "clipart-strawberry" not in hits.ids

    def test_a_vector(self, sample):
        ids, vectors = sample.vectors()
        unwanted = vectors[ids.index("clipart-frog")]
        before = sample.search("a green animal", mode="vector", k=621).ids.index("clipart-frog")
        after = sample.search("a green animal", negative=[unwanted], k=621).ids.index("clipart-frog")
        assert after > before


class TestSimilar:
    def test_leaves_itself_out(self, sample):
        for id in ("book-1", "clipart-frog", "poem-001"):
            hits = sample.similar(id, k=20)
            assert len(hits) == 20
            assert id not in hits.ids

    def test_is_the_nearest_by_cosine(self, sample):
        ids, vectors = sample.vectors("look")
        query = vectors[ids.index("emoji-1f34e")]
        scores = firth.cosine(vectors, query)
        order = [ids[i] for i in np.argsort(-scores) if ids[i] != "emoji-1f34e"]
        hits = sample.similar("emoji-1f34e", vector="look", k=5)
        assert hits.ids == order[:5]
        assert [hit.score for hit in hits] == pytest.approx(sorted(scores, reverse=True)[1:6], abs=1e-4)

    def test_a_bare_picture_by_its_look(self, sample):
        assert sample.similar("emoji-1f34e").ids == sample.similar("emoji-1f34e", vector="look").ids

    def test_with_a_filter(self, sample):
        assert {hit.kind for hit in sample.similar("book-1", where={"kind": "text"})} == {"text"}

    def test_who_is_not_there(self, sample):
        with pytest.raises(UnknownNameError, match="nobody"):
            sample.similar("nobody")

    def test_who_has_no_such_vector(self, sample):
        with pytest.raises(UnknownNameError, match="no vector 'look'"):
            sample.similar("book-1", vector="look")


def test_a_vector_of_another_width_is_refused(sample):
    with pytest.raises(DimensionError, match="512"):
        sample.search(positive=[np.ones(3)])
