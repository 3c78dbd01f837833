"""She took her bat to baseball practice; she was chased away from the cave by a bat."""

from __future__ import annotations

import numpy as np
import pytest

from firth.analysis.senses import Occurrence, occurrences, same_sense, senses
from firth.analysis.senses.grouping import group
from firth.encoders.words import WordVectors
from firth.errors import InputError
from firth.similarity import cosine

PRACTICE = "She took her bat to baseball practice."
CAVE = "She was chased away from the cave by a bat."

BATS = [
    "A bat flew out of the cave at dusk.",
    "The bat hangs upside down and sleeps all day.",
    "A bat eats thousands of insects every night.",
    "The fruit bat has large eyes and eats figs.",
    "We saw a bat circle under the old bridge.",
    "A bat finds its way in the dark by echoes.",
    "The vampire bat drinks the blood of cattle.",
    "A brown bat lives in the roof of the barn.",
    "He swung the bat and hit the ball.",
    "The player broke his wooden bat in the game.",
    "She bought a new bat and a glove for the season.",
    "The batter dropped his bat and ran to first base.",
    "A cricket bat is made of willow.",
    "He hit a home run with his favourite bat.",
    "The coach handed him a heavier bat.",
    "Hold the bat with both hands and watch the pitcher.",
]
APPLES = [
    "他咬了一口蘋果，又脆又甜。",
    "媽媽買了一袋蘋果和幾根香蕉。",
    "蘋果富含維生素，每天吃一顆很健康。",
    "果園裡的蘋果熟了，農夫忙著採收。",
    "她把苹果切成小块做成果酱。",
    "這棵樹今年結了很多蘋果。",
    "冰箱裡還有三顆蘋果。",
    "老師送給每個孩子一顆紅蘋果。",
    "蘋果今天發表了新款手機。",
    "蘋果的股價昨天上漲了百分之三。",
    "他在苹果担任软件工程师。",
    "蘋果推出了更輕薄的筆記型電腦。",
    "歐盟對蘋果開出巨額罰款。",
    "蘋果的執行長出席了開發者大會。",
    "蘋果與三星爭奪智慧型手機市場。",
    "他用蘋果的平板電腦畫圖。",
]


@pytest.fixture(scope="module")
def bats():
    return senses(BATS, "bat", k=2)


class TestSenses:
    @pytest.mark.parametrize(("lines", "word"), [(BATS, "bat"), (APPLES, "蘋果")])
    def test_two_groups_are_the_two_senses(self, lines, word):
        found = senses(lines, word, k=2)
        assert len(found.found) == 16
        first, second = found.labels[:8], found.labels[8:]
        right = max((first == 0).sum() + (second == 1).sum(), (first == 1).sum() + (second == 0).sum())
        assert right >= 14

    def test_the_article(self, bats):
        assert bats.sense_of(PRACTICE) != bats.sense_of(CAVE)
        assert bats.sense_of(PRACTICE) == bats.sense_of("He swung the bat and hit the ball.")
        assert bats.sense_of(CAVE) == bats.sense_of("A bat flew out of the cave at dusk.")

    def test_what_a_sense_is(self, bats):
        names = [sense.name for sense in bats.senses]
        assert names == ["bat|1", "bat|2"]
        assert sum(sense.occurrences for sense in bats.senses) == 16
        assert bats.senses[0].occurrences >= bats.senses[1].occurrences
        for sense in bats.senses:
            assert sense.words and "bat" not in sense.words
            assert 1 <= len(sense.lines) <= 3
        sports = bats.sense_of(PRACTICE)
        assert {
            "ball",
            "game",
            "player",
            "pitcher",
            "base",
            "glove",
            "cricket",
            "season",
            "coach",
            "batter",
        } & set(sports.words)

    def test_saved_as_word_vectors(self, bats, tmp_path):
        bats.save(tmp_path / "bat.vec")
        loaded = WordVectors.load(tmp_path / "bat.vec")
        assert loaded.words == ("bat|1", "bat|2")
        assert np.allclose(loaded.vectors, bats.vectors)
        assert float(cosine(*loaded.vectors)) < 0

    def test_the_same_again(self, bats):
        again = senses(BATS, "bat", k=2)
        assert (again.labels == bats.labels).all()

    def test_too_few_lines(self):
        with pytest.raises(InputError, match="occurs in 0 of the texts"):
            senses(BATS, "蝙蝠")

    def test_the_text_must_hold_the_word(self, bats):
        with pytest.raises(InputError, match="does not hold 'bat'"):
            bats.sense_of("A battle.")

    def test_an_encoder_of_whole_texts(self):
        with pytest.raises(InputError, match="vectors of tokens"):
            senses(BATS, "bat", encoder="use")


class TestSameSense:
    def test_nearer_within_a_sense_than_across(self):
        across = same_sense(PRACTICE, CAVE, "bat")
        assert same_sense(PRACTICE, "He swung the bat and hit the ball.", "bat").score > across.score
        assert same_sense(CAVE, "The bat hung upside down in the cave.", "bat").score > across.score

    def test_chinese(self):
        fruit, firm = "他咬了一口蘋果，很甜。", "蘋果發表了新手機。"
        across = same_sense(fruit, firm, "蘋果")
        assert same_sense(fruit, "市場上的苹果很便宜，又脆又甜。", "苹果").score > across.score

    def test_the_same_sentence_twice(self):
        found = same_sense(CAVE, CAVE, "bat")
        assert found.score == pytest.approx(1)
        assert found.same

    def test_both_must_hold_it(self):
        with pytest.raises(InputError, match="does not hold 'bat'"):
            same_sense(PRACTICE, "A battle.", "bat")


class TestGroups:
    @pytest.mark.parametrize("count", [2, 3])
    def test_as_many_as_there_are(self, count):
        rng = np.random.default_rng(1)
        truth = np.repeat(np.arange(count), 40)
        rows = (5 * np.eye(count, 20)[truth] + rng.normal(0, 0.5, (40 * count, 20))).astype(np.float32)
        found = group(rows)
        assert found.count == count
        assert len({(a, b) for a, b in zip(truth.tolist(), found.labels.tolist(), strict=True)}) == count

    def test_one_cloud_is_one_group(self):
        rows = np.random.default_rng(2).normal(size=(200, 30)).astype(np.float32)
        assert group(rows).count == 1

    @pytest.mark.parametrize("n", [4, 5, 12])
    def test_few_rows(self, n):
        rows = np.random.default_rng(3).normal(size=(n, 6)).astype(np.float32)
        assert group(rows).count >= 1
        assert group(rows, k=2).count == 2

    def test_rows_all_the_same(self):
        assert group(np.ones((30, 4), np.float32)).count == 1


class TestOccurrences:
    def test_a_sample_of_many_is_fair_and_repeats(self):
        lines = [f"bat number {i}" for i in range(1000)]
        first, again = (occurrences(lines, "bat", limit=100, seed=3) for _ in range(2))
        assert first == again
        assert len(first) == 100
        early = sum(int(o.text.split()[-1]) < 500 for o in first)
        assert 30 < early < 70

    def test_a_line_that_stands_there_twice_counts_once(self):
        assert len(occurrences(["a bat", "a bat", "two bats"], "bat")) == 2

    @pytest.mark.parametrize("length", [10, 40, 200])
    def test_an_excerpt_holds_the_word(self, length):
        text = "x" * 90 + " 蘋果 " + "y" * 90
        place = Occurrence(text, 91, 93)
        assert "蘋果" in place.excerpt(length)
        assert len(place.excerpt(length)) <= length + 2
