"""Tags of a small library: by words, through behaviour, with examples, with what readers said."""

from __future__ import annotations

import numpy as np
import pytest
from tests.analysis.tags.made import EACH, library, seen, shelf

from firth.analysis.tags import tags
from firth.analysis.tags.ranks import auc
from firth.errors import FilterError, InputError, SchemaError, UnknownNameError
from firth.types import Item

ITEMS, TRUTH = library()
WORDS = {"en": {"magic": "magic", "war": "war", "cooking": "cooking"}}
WORDS["zh-Hant"] = {"magic": "魔法", "war": "戰爭", "cooking": "烹飪"}
WORDS["zh-Hans"] = {"magic": "魔法", "war": "战争", "cooking": "烹饪"}


@pytest.fixture(scope="module")
def books():
    return seen(shelf(ITEMS))


@pytest.fixture(scope="module")
def readers():
    """The same without a text."""
    return seen(shelf([Item(item.id, fields=item.fields, vectors=item.vectors) for item in ITEMS]))


def area(found, tag, topic):
    return auc(found.scores[:, found.tags.index(tag)], np.isin(found.ids, TRUTH[topic]))


class TestWords:
    @pytest.mark.parametrize("lang", WORDS)
    def test_words_reach_items_whose_text_says_nothing(self, books, lang):
        names = WORDS[lang]
        text = tags(books, list(names.values()), vectors=["meaning"])
        both = tags(books, list(names.values()))
        for topic, tag in names.items():
            assert area(both, tag, topic) > 0.85
        gain = [area(both, tag, topic) - area(text, tag, topic) for topic, tag in names.items()]
        assert np.mean(gain) > 0.05

    @pytest.mark.parametrize("topic", ["war", "cooking"])
    def test_traditional_words_count_in_simplified_characters_too(self, books, topic):
        both = [WORDS["zh-Hant"][topic], WORDS["zh-Hans"][topic]]
        traditional, simplified = (tags(books, [word], vectors=["meaning"]).scores[:, 0] for word in both)
        assert np.corrcoef(traditional, simplified)[0, 1] > 0.95

    def test_behaviour_alone_begins_with_the_words(self, books):
        found = tags(books, ["魔法"], vectors=["behaviour"])
        assert area(found, "魔法", "magic") > 0.85

    def test_pictures(self, sample):
        found = tags(seen(sample), ["動物", "vehicle"], where="kind = 'image'")
        top = [id for id, _ in found.top("vehicle", 5)]
        names = {record["id"]: record["fields"].get("name_en", record["id"]) for record in sample.get(top)}
        vehicles = ("bus", "car", "taxi", "tractor", "locomotive", "bicycle", "train", "aeroplane", "lorry")
        assert sum(any(word in name for word in vehicles) for name in names.values()) >= 4

    def test_further_words_count_as_the_tag(self, books):
        alone = tags(books, ["xyzzy"])
        found = tags(books, {"xyzzy": ["magic", "wizards", "魔法"]})
        assert area(found, "xyzzy", "magic") > max(0.85, area(alone, "xyzzy", "magic"))

    def test_other_tags_change_nothing(self, books):
        (one,) = tags(books, ["magic"]).scores.T
        two = tags(books, ["war", "magic"])
        assert two.scores[:, 1] == pytest.approx(one, abs=1e-5)


class TestExamples:
    def test_examples_can_teach_what_the_word_does_not_say(self, books):
        said = [tags(books, ["shelf 7"], examples={"shelf 7": TRUTH["cooking"][:n]}) for n in (0, 8, 30)]
        rest = np.isin(said[0].ids, TRUTH["cooking"][:30], invert=True)
        true = np.isin(said[0].ids, TRUTH["cooking"])[rest]
        none, few, many = (auc(found.scores[rest, 0], true) for found in said)
        assert none < few < many
        assert many > 0.9

    def test_counterexamples(self, books):
        asked = {"examples": {"a": TRUTH["magic"][:3]}, "vectors": ["behaviour"]}
        before, after = (
            tags(books, ["a"], **asked, counterexamples=given) for given in ({}, {"a": TRUTH["war"][:20]})
        )
        assert area(after, "a", "war") < area(before, "a", "war")

    def test_vectors_without_words_need_examples(self, readers):
        with pytest.raises(InputError, match="has no example"):
            tags(readers, ["magic"])
        found = tags(readers, ["magic"], examples={"magic": TRUTH["magic"][:10]})
        assert area(found, "magic", "magic") > 0.85
        assert found.reliability["magic"].examples == 10

    def test_an_example_does_not_vouch_for_itself(self, readers):
        """Items by chance: whatever their scores after training, held out they are no better than chance."""
        rng = np.random.default_rng(1)
        said = []
        for _ in range(5):
            chosen = rng.choice([item.id for item in ITEMS], 20, replace=False).tolist()
            said.append(tags(readers, ["chance"], examples={"chance": chosen}).reliability["chance"])
        assert np.mean([one.auc for one in said]) == pytest.approx(0.5, abs=0.1)
        assert sum(one.known for one in said) <= 1
        assert any(str(one).startswith("cannot tell") for one in said)

    def test_the_same_seed_gives_the_same(self, books):
        one, two = (tags(books, ["a"], examples={"a": TRUTH["war"][:6]}, seed=3) for _ in range(2))
        assert np.array_equal(one.scores, two.scores)
        assert one.reliability == two.reliability


class TestReaders:
    def test_a_field(self, books):
        found = tags(books, ["Magic", "war"], tagged="topic")
        assert found.reliability["Magic"].examples == EACH
        assert found.reliability["Magic"].known
        assert found.shares["war"] == pytest.approx(1 / 3, abs=0.01)
        assert area(found, "Magic", "magic") > 0.95

    def test_a_table_of_pairs(self, books, tmp_path):
        lines = [f"{id},{topic}" for topic, ids in TRUTH.items() for id in ids[:10]]
        path = tmp_path / "標籤.csv"
        path.write_text("\n".join(["item,tag", *lines]), encoding="utf-8")
        pairs = [(id, topic) for topic, ids in TRUTH.items() for id in ids[:10]]
        by_file, by_pairs = (tags(books, ["magic"], tagged=given) for given in (path, pairs))
        assert np.array_equal(by_file.scores, by_pairs.scores)
        assert by_file.reliability["magic"].examples == 10

    def test_ids_that_are_no_items_are_named_and_counted(self, books):
        pairs = [(id, "magic") for id in TRUTH["magic"][:9]] + [(f"x-{i}", "magic") for i in range(5)]
        found = tags(books, ["magic"], tagged=pairs)
        assert found.reliability["magic"].examples == 9
        assert "5 of 14 tagged ids are no items of this collection: 'x-0', 'x-1', 'x-2', ..." in found.notes
        assert "x-0" in str(found)

    def test_if_none_is_an_item_nothing_is_scored(self, books, tmp_path):
        path = tmp_path / "readers.csv"
        path.write_text("item,tag\nx,magic\n", encoding="utf-8")
        with pytest.raises(UnknownNameError) as caught:
            tags(books, ["magic"], tagged=path)
        assert "none of the 1 tagged ids in readers.csv" in str(caught.value)
        assert "expected ids such as 'magic-0', 'magic-1'" in str(caught.value)
        assert "Next: firth ls" in str(caught.value)

    def test_a_tag_that_no_reader_uses_is_said(self, books):
        (note, *_) = tags(books, ["Magic", "dragons"], tagged="topic").notes
        assert note.startswith("nobody has tagged an item with dragons, which is scored by words")
        assert "magic" in note and "cooking" in note

    def test_tags_are_named_as_readers_wrote_them(self, books):
        (note, *_) = tags(books, ["龍"], tagged=[(id, "戰爭") for id in TRUTH["war"]]).notes
        assert note.endswith("readers say 戰爭")

    def test_items_that_do_not_pass_the_filter_are_known_all_the_same(self, books):
        pairs = [(id, topic) for topic, ids in TRUTH.items() for id in ids]
        found = tags(books, ["magic"], tagged=pairs, where="topic != 'war'")
        assert "40 of 120 tagged items not among those asked for: they tell nothing" in found.notes
        assert not any("are no items" in note for note in found.notes)

    def test_a_table_may_hold_several_tags_in_a_cell(self, books, tmp_path):
        path = tmp_path / "several.csv"
        kind = {"magic": "story", "war": "story", "cooking": "practical"}
        lines = [f'{id},"{topic}、{kind[topic]}"' for topic, ids in TRUTH.items() for id in ids]
        path.write_text("\n".join(["id,tags", *lines]), encoding="utf-8")
        found = tags(books, ["magic", "story"], tagged=path)
        assert [found.reliability[tag].examples for tag in ("magic", "story")] == [EACH, 2 * EACH]

    def test_held_out_auc_is_near_what_is_true(self, readers):
        found = tags(readers, ["magic"], tagged=[(id, t) for t, ids in TRUTH.items() for id in ids[::2]])
        hidden = {id for ids in TRUTH.values() for id in ids[1::2]}
        rows = np.isin(found.ids, sorted(hidden))
        true = auc(found.scores[rows, 0], np.isin(np.array(found.ids)[rows], TRUTH["magic"]))
        assert found.reliability["magic"].low - 0.05 <= true <= found.reliability["magic"].high + 0.05


class TestNotes:
    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ({}, "scored by meaning and behaviour; 10% of the items are taken to carry a tag (share)"),
            (
                {"vectors": ["behaviour"]},
                "scored by behaviour; 10% of the items are taken to carry a tag (share)",
            ),
            ({"share": 0.3}, "scored by meaning and behaviour"),
            ({"tagged": "topic"}, "scored by meaning and behaviour"),
            (
                {"examples": {"magic": ["magic-1"]}, "counterexamples": {"magic": ["war-1"]}},
                "scored by meaning and behaviour; 10% of the items are taken to carry a tag that was not given, such "
                "as war (share)",
            ),
        ],
    )
    def test_what_was_decided_is_said(self, books, asked, said):
        assert tags(books, ["magic", "war"], **asked).notes == (said,)


class TestResult:
    def test_scores_lie_between_0_and_1(self, books):
        found = tags(books, ["magic", "戰爭"])
        assert found.scores.shape == (len(ITEMS), 2)
        assert (found.scores >= 0).all() and (found.scores <= 1).all()

    def test_a_larger_share_makes_larger_scores(self, books):
        few, many = (tags(books, ["magic"], share=share).scores for share in (0.05, 0.5))
        assert (many >= few).all() and many.mean() > few.mean()

    def test_of_top_and_lists(self, books):
        found = tags(books, ["magic", "war"])
        (best, score), *_ = found.top("war", 3)
        assert found.of(best)["war"] == pytest.approx(score) == found.scores[:, 1].max()
        assert found.sorted_by("war")[0] == best
        assert {row["id"] for row in found.to_list()} == {item.id for item in ITEMS}
        assert found.to_arrow().column_names == ["id", "magic", "war"]
        assert found.to_pandas().set_index("id").loc[best, "war"] == pytest.approx(score)
        assert "AUC" in str(found) and best in str(found.sorted_by("war"))

    def test_items_without_a_vector_are_named(self):
        items = [*ITEMS[:30], Item("bare", vectors={"other": np.ones(3, np.float32)})]
        found = tags(seen(shelf(items)), ["magic"], vectors=["meaning", "behaviour"])
        assert found.skipped == ("bare",)
        assert "bare" not in found.ids

    def test_users_are_not_tagged(self):
        collection = shelf(ITEMS[:30])
        (table,) = collection.store.scan(collection.store.schema().names, ids=[ITEMS[0].id])
        for name, value in (("kind", "user"), ("id", "user-1")):
            place = table.schema.get_field_index(name)
            table = table.set_column(place, name, [[value]])
        collection.store.put(table)
        assert "user-1" not in tags(seen(collection), ["magic"]).ids

    def test_a_filter(self, books):
        assert set(tags(books, ["magic"], where="topic = 'war'").ids) == set(TRUTH["war"])


@pytest.mark.parametrize(
    ("names", "asked", "error", "said"),
    [
        ([], {}, InputError, "got no tag"),
        (["a", " "], {}, InputError, "empty tag"),
        (["a", "a "], {}, InputError, "'a' twice"),
        ("奇幻,魔法", {}, InputError, "Next: ['奇幻', '魔法']"),
        (["a"], {"examples": {"a": ["no-such"]}}, UnknownNameError, "'no-such' of 'a'"),
        (["a"], {"examples": {"b": ["war-1"]}}, UnknownNameError, "examples of 'b'"),
        (["a"], {"examples": {"a": "war-1"}}, InputError, "expected a list of ids"),
        (["a"], {"tagged": "no-field"}, UnknownNameError, "no field 'no-field'"),
        (["a"], {"vectors": ["look-alike"]}, UnknownNameError, "'look-alike'"),
        (["a"], {"where": "x = 1"}, FilterError, "no field 'x'"),
        (["a"], {"where": "topic = 'none'"}, InputError, "that passes the filter"),
        (["a"], {"share": 1.5}, InputError, "between 0 and 1"),
    ],
)
def test_errors(books, names, asked, error, said):
    with pytest.raises(error) as caught:
        tags(books, names, **asked)
    assert said in str(caught.value)


def test_a_table_of_one_column_is_none_of_pairs(books, tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("item\n1\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="expected two"):
        tags(books, ["a"], tagged=path)
