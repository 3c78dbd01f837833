"""Zero-shot labels of the bundled pictures and texts, in both languages."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import firth
from firth import sample as bundled
from firth.analysis.labels import TEMPLATES, Labelled, bank, checked_labels
from firth.encoders import encoder
from firth.errors import FilterError, InputError, UnknownNameError
from firth.types import Item

KINDS = {
    "animal": "cat dog horse cow pig rabbit tiger lion elephant giraffe panda bear fox monkey kangaroo penguin duck",
    "fruit": "lemon lime banana grapes strawberry watermelon pineapple peach cherries mango coconut",
    "vehicle": "bicycle bus taxi locomotive sailboat airplane helicopter tractor",
}
ENGLISH = ["animal", "fruit", "vehicle"]
CHINESE = ["動物", "水果", "交通工具"]

TEXTS = {
    "The goalkeeper saved a penalty in the last minute of the match.": "sports",
    "籃球隊在決賽中以兩分險勝對手。": "sports",
    "Boil the noodles, then fry them with garlic and soy sauce.": "cooking",
    "把番茄切碎，加鹽和雞蛋一起炒。": "cooking",
    "The central bank raised interest rates again.": "finance",
    "股票市場今天大跌，投資人損失慘重。": "finance",
}


@pytest.fixture(scope="module")
def rows():
    """The sample's emoji by the word for their kind."""
    lines = (bundled.path() / "items.jsonl").read_text("utf-8").splitlines()
    kind_of = {name: kind for kind, names in KINDS.items() for name in names.split()}
    emoji = [row for row in map(json.loads, lines) if row["collection"] == "emoji"]
    return {row["id"]: (kind_of[row["name_en"]], row) for row in emoji if row["name_en"] in kind_of}


@pytest.fixture(scope="module")
def pictures(rows):
    """Those emoji in a collection, without a word."""
    collection = firth.open(":memory:", model="use")
    collection.add([Item(id, image=bundled.path() / row["image"]) for id, (_, row) in rows.items()])
    return collection


@pytest.fixture(scope="module")
def texts():
    collection = firth.open(":memory:", model="use")
    collection.add(list(TEXTS), ids=list(TEXTS))
    return collection


def accuracy(found, truth):
    return np.mean([item.label == truth[item.id] for item in found])


class TestPictures:
    @pytest.mark.parametrize("labels", [ENGLISH, CHINESE])
    @pytest.mark.parametrize("balanced", [False, True])
    def test_most_are_right(self, pictures, rows, labels, balanced):
        name = dict(zip(ENGLISH, labels, strict=True))
        found = pictures.label(labels, balanced=balanced)
        assert accuracy(found, {id: name[kind] for id, (kind, _) in rows.items()}) > 0.55  # chance: 0.33

    @pytest.mark.parametrize("labels", [ENGLISH, CHINESE])
    def test_also_where_all_are_of_one_class(self, pictures, rows, labels):
        ids = [id for id, (kind, _) in rows.items() if kind == "animal"]
        alone = firth.open(":memory:", model="use")
        alone.add([Item(id, image=bundled.path() / rows[id][1]["image"]) for id in ids])
        assert accuracy(alone.label(labels), dict.fromkeys(ids, labels[0])) > 0.55

    def test_an_item_does_not_depend_on_those_beside_it(self, pictures):
        whole = {item.id: item.scores for item in pictures.label(ENGLISH)}
        alone = firth.open(":memory:", model="use")
        alone.add([Item("emoji-1f408", image=bundled.path() / "pictures/emoji-1f408.png")])
        (cat,) = alone.label(ENGLISH)
        assert cat.scores == pytest.approx(whole["emoji-1f408"], abs=1e-3)

    def test_either_script_says_the_same(self, pictures):
        found = {item.id: item.label for item in pictures.label(["貓", "魚", "車"])}
        simplified = {item.id: item.label for item in pictures.label(["猫", "鱼", "车"])}
        same = [("貓魚車".index(found[id]) == "猫鱼车".index(simplified[id])) for id in found]
        assert np.mean(same) > 0.9

    def test_the_bank_is_no_picture_that_the_memory_knows(self):
        assert bank(encoder("joint:use"), "image").shape == (1000, 512)
        assert len(bank(encoder("class-names:use"), "image")) == len(
            list((bundled.path() / "pictures").iterdir())
        )

    def test_probabilities_are_roughly_right(self, pictures, rows):
        found = pictures.label(ENGLISH)
        right = accuracy(found, {id: kind for id, (kind, _) in rows.items()})
        assert np.mean([item.probability for item in found]) == pytest.approx(right, abs=0.25)


class TestTexts:
    @pytest.mark.parametrize(
        "labels", [["sports", "cooking", "finance"], ["體育", "烹飪", "財經"], ["体育", "烹饪", "财经"]]
    )
    def test_labels_and_texts_in_either_language(self, texts, labels):
        name = dict(zip(["sports", "cooking", "finance"], labels, strict=True))
        found = texts.label(labels)
        assert accuracy(found, {text: name[topic] for text, topic in TEXTS.items()}) > 0.8

    def test_a_label_with_braces_is_only_a_label(self, texts):
        assert {item.label for item in texts.label(["{}", "{name}"])} <= {"{}", "{name}"}

    def test_a_picture_with_a_caption_is_labelled_by_its_caption(self, empty):
        cat = bundled.path() / "pictures/emoji-1f408.png"
        empty.add([Item("a", text="stocks and bonds", image=cat)])
        (found,) = empty.label(["finance", "animal"])
        assert found.label == "finance"


class TestResult:
    def test_scores_are_probabilities_of_which_the_label_has_the_largest(self, texts):
        for item in texts.label(["sports", "cooking", "finance", "weather"]):
            assert list(item.scores) == ["sports", "cooking", "finance", "weather"]
            assert sum(item.scores.values()) == pytest.approx(1, abs=1e-5)
            assert item.probability == max(item.scores.values()) == item.scores[item.label]

    def test_by_label_the_most_probable_first(self, texts):
        labels = ["finance", "sports", "cooking"]
        found = texts.label(labels)
        assert len(found) == len(TEXTS)
        assert found == sorted(found, key=lambda item: (labels.index(item.label), -item.probability))

    def test_the_order_of_labels_does_not_matter(self, texts):
        one = {item.id: item for item in texts.label(["sports", "cooking"])}
        for item in texts.label(["cooking", "sports"]):
            assert item.label == one[item.id].label
            assert item.probability == pytest.approx(one[item.id].probability, abs=1e-4)

    @pytest.mark.parametrize(("scores", "sure"), [((0.5, 0.3, 0.2), False), ((0.5, 0.25, 0.25), True)])
    def test_sure_is_twice_as_probable_as_the_next(self, scores, sure):
        assert Labelled("1", "a", scores[0], dict(zip("abc", scores, strict=True))).sure is sure

    def test_labels_of_one_vector_are_equally_probable(self, texts):
        for item in texts.label(["ABC", "\uff21\uff22\uff23"]):  # wide letters, the same to the encoder
            assert item.probability == pytest.approx(0.5, abs=1e-3)

    def test_a_filter(self, sample):
        where = "collection = 'emoji'"
        found = sample.label(ENGLISH, where=where)
        assert {item.id for item in found} == {record["id"] for record in sample.items(where=where)}

    def test_every_template_holds_the_label_once(self):
        assert all(template.count("{}") == 1 for group in TEMPLATES.values() for template in group)


class TestErrors:
    @pytest.mark.parametrize(
        ("labels", "said"),
        [
            ([], "two or more"),
            (["apple"], "two or more"),
            (["apple", " "], "empty label"),
            (["蘋果", "橘子", "蘋果 "], "'蘋果' twice"),
            ("apple,orange", "Next: ['apple', 'orange']"),
        ],
    )
    def test_labels(self, texts, labels, said):
        with pytest.raises(InputError) as error:
            texts.label(labels)
        assert said in str(error.value)

    @given(st.lists(st.text(min_size=1).filter(str.strip), min_size=2, unique_by=str.strip))
    def test_all_others_pass_as_they_are(self, labels):
        assert checked_labels(labels) == [label.strip() for label in labels]

    def test_nothing_to_label(self, empty):
        with pytest.raises(InputError, match="no item has a vector 'meaning'"):
            empty.label(["a", "b"])

    def test_nothing_passes_the_filter(self, sample):
        with pytest.raises(InputError, match="no item that passes the filter"):
            sample.label(["a", "b"], where="id = 'no such id'")

    def test_an_unknown_field(self, sample):
        with pytest.raises(FilterError):
            sample.label(["a", "b"], where="colour = 'red'")

    def test_meanings_of_ones_own(self, empty):
        vectors = encoder("use").encode(["a", "b"])
        empty.add([Item(str(i), vectors={"meaning": row}) for i, row in enumerate(vectors)])
        with pytest.raises(UnknownNameError, match="takes no text"):
            empty.label(["a", "b"])
