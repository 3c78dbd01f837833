import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.errors import InputError
from firth.text import display_width, fold, snippet

from .strategies import texts

STORY = (
    "很久以前，有一位國王住在山上的城堡裡。他的花園裡有一棵很老的樹。每年秋天，樹上都會長出金色的蘋果。"
    "有一天晚上，一隻鳥飛來，偷走了一顆金蘋果。國王很生氣，派他的三個兒子去看守花園。"
)
PROSE = (
    "Long ago a king lived in a castle. In his garden stood an old tree. Every autumn it bore golden apples. "
    "One night a bird came flying and stole one of the apples. The king sent his sons running after it."
)


def marked(found):
    return [found.text[span.start : span.end] for span in found.highlights]


@pytest.mark.parametrize("query", ["金苹果", "金蘋果"])
def test_traditional_and_simplified_find_each_other(query):
    found = snippet(STORY, query, width=40)
    assert "金蘋果" in marked(found)
    assert found.text.startswith("…")
    assert STORY[found.start : found.end] == found.text.strip("…")


def test_simplified_text_by_traditional_query():
    assert marked(snippet("我买了苹果手机", "蘋果")) == ["苹果"]


def test_english_by_stem_and_whole_word():
    found = snippet(PROSE, "apple runs", width=200)
    assert marked(found) == ["apples", "apples", "running"]
    assert "castle" not in marked(snippet(PROSE, "cast", width=200))


def test_the_window_with_most_terms_wins():
    found = snippet(PROSE, "bird apple", width=60)
    assert {"bird", "apples"} <= set(marked(found))
    assert found.text == "…Every autumn it bore golden apples. One night a bird came…"


def test_pairs_are_merged_into_the_longest_run():
    assert marked(snippet("台灣大學在台北。", "台灣大學")) == ["台灣大學"]
    assert marked(snippet("大人學走路", "台灣大學")) == ["大", "學"]  # only single characters match


def test_one_character():
    assert marked(snippet("喝茶嗎？茶很好。", "茶")) == ["茶", "茶"]


def test_nothing_found_is_the_beginning():
    found = snippet(STORY, "banana", width=20)
    assert found.highlights == ()
    assert found.start == 0
    assert found.text == "很久以前，有一位國…"


def test_ellipses_only_where_the_text_goes_on():
    assert snippet("  蘋果\n樹 ", "蘋果").text == "蘋果 樹"
    start = STORY.index("有一天")
    end = STORY.index("國王很生氣")
    found = snippet(STORY, "鳥", start=start, end=end)
    assert found.text == "…" + STORY[start:end] + "…"
    assert (found.start, found.end) == (start, end)
    assert marked(found) == ["鳥"]


def test_words_are_not_cut():
    found = snippet(PROSE, "golden", width=30)
    assert set(found.text.strip("…").split()) <= set(PROSE.split())


def test_decomposed_text():
    found = snippet("un cafe\u0301 noir", "café")
    assert marked(found) == ["cafe\u0301"]


@given(texts, texts, st.integers(8, 60))
def test_promises(text, query, width):
    found = snippet(text, query, width=width)
    assert display_width(found.text) <= width
    assert 0 <= found.start <= found.end <= len(text)
    last = 0
    for span in found.highlights:
        assert last <= span.start < span.end <= len(found.text)
        last = span.end
    lead = int(found.text.startswith("…") and found.start > 0)
    for span in found.highlights:
        original = text[found.start + span.start - lead : found.start + span.end - lead]
        assert fold(original) or not original.strip()


@given(texts, st.data())
def test_what_was_searched_for_is_marked(text, data):
    words = text.split()
    if words and (query := data.draw(st.sampled_from(words))).isalpha():
        assert snippet(text, query).highlights


@pytest.mark.parametrize("options", [{"width": 7}, {"start": 3, "end": 2}, {"end": 99}, {"start": -1}])
def test_arguments_are_checked(options):
    with pytest.raises(InputError, match="expected"):
        snippet("apple", "apple", **options)
