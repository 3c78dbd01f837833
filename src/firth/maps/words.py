"""The words of a text that could name a region, each with the form in which a reader should see it.

English words are counted by their stems and shown as they are mostly written. Chinese has no spaces: stretches of
two to four characters that stood together are counted, folded, and shown in the script of the original. Whether
such a stretch is a word shows in what stands beside it: 果公 of 蘋果公司 is always between the same two
characters, 公司 is not (accessor variety: Feng, Chen, Deng, Zheng 2004, doi:10.1162/089120104773633394).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from firth.text import fold_offsets
from firth.text.characters import is_cjk
from firth.text.stop_words import STOP_WORDS
from firth.text.terms import piece_terms, pieces

__all__ = ["Vocabulary"]

LONGEST = 4
"""Characters of a Chinese word."""
READ = 300
"""Characters of a text that are read for words: its beginning tells what it is about."""
LEAST = 2
"""Texts that must hold a word."""
VARIETY = 3
"""Different neighbours on either side that make a stretch of Chinese a word."""

_ENGLISH = """
after again all also ani because befor best big come day did differ doe don't each ever everi first get go good got
great he's here i'm it's just know last let like littl look made make mani me more most much my never new no now old
one onli other out over part peopl put said same say see she's some still take tell thing think time two up us use
veri volum want way well went year vol
"""
_CHINESE = """
一个 没有 可以 什么 什幺 怎么 怎幺 如何 为什 为何 不是 就是 自己 我们 你们 他们
她们 它们 这个 那个 这些 那些 这样 那样 一样 一种 一些 不能 不会 可能 应该 因为
所以 但是 如果 已经 还是 或者 以及 进行 通过 对于 关于 其中 之后 之前 时候 现在
知道 觉得 认为 起来 出来 下来 上去 一下 一点 不要 需要 多少 多久 第一 是否 还有
只有 这么 那么 有人 之一 最后 开始 成为 大家 今天 一定 真的 只能 来说 不同 一次
哪些 哪个 哪里 何时 何人 何者 两个 三个 不知 非常 很多
"""
UNWANTED = STOP_WORDS | frozenset(_ENGLISH.split()) | frozenset(_CHINESE.split())
"""Stop words, and words that are too common to tell one region from another; as `firth.text.terms` spells them."""
NEVER_FIRST = STOP_WORDS | frozenset("不很没个")
"""A stretch that begins so is rarely a word."""
NEVER_LAST = STOP_WORDS | frozenset("不很没")
"""A stretch that ends so, too; some words are lost by this (以色列), many more scraps (在中国)."""


class Vocabulary:
    """The words of texts, and how they are written.

    Args:
        texts: All texts of a map.

    Attributes:
        words: The words of each text, each once.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        found = [list(_runs(text)) for text in texts]
        times: Counter[str] = Counter()
        for runs in found:
            times.update({run.word(span) for run in runs for span in run.spans()})
        often = {word for word, count in times.items() if count >= LEAST and word not in UNWANTED}
        self._forms: defaultdict[str, dict[int, str]] = defaultdict(dict)
        self._beside: defaultdict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
        for number, runs in enumerate(found):
            for run in runs:
                self._learn(run, often, number)
        known = {word for word in often if self._is_word(word)}
        self.words = [
            {word for run in runs for span in run.spans() if (word := run.word(span)) in known}
            for runs in found
        ]

    def form(self, word: str, inside: Container[int]) -> str:
        """How a word is mostly written in some of the texts, which are told by their numbers."""
        forms = Counter(form for number, form in self._forms[word].items() if number in inside)
        return max(forms.items(), key=lambda item: (item[1], item[0]))[0]

    def _learn(self, run: Run, often: set[str], number: int) -> None:
        for span in run.spans():
            if (word := run.word(span)) in often:
                self._forms[word][number] = run.form(span)
                for known, beside in zip(self._beside[word], run.beside(span), strict=True):
                    known.add(beside or str(number))  # the edge of a run is another neighbour in every text

    def _is_word(self, word: str) -> bool:
        """Whether it stands in enough different places; of Latin letters, always."""
        return not is_cjk(word[0]) or min(map(len, self._beside[word])) >= VARIETY


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a text in which words are looked for.

    Attributes:
        folded: Its characters, folded; or one stem.
        original: As they stand in the text, one by one; or the one word.
        shortest: Of how many characters its words are, at least.
    """

    folded: Sequence[str]
    original: Sequence[str]
    shortest: int

    def spans(self) -> Iterator[slice]:
        """Where words could be."""
        for length in range(self.shortest, min(LONGEST, len(self.folded)) + 1):
            for start in range(len(self.folded) - length + 1):
                if (
                    self.folded[start] not in NEVER_FIRST
                    and self.folded[start + length - 1] not in NEVER_LAST
                ):
                    yield slice(start, start + length)

    def word(self, span: slice) -> str:
        """A word as it is counted."""
        return "".join(self.folded[span])

    def form(self, span: slice) -> str:
        """A word as it is written."""
        return "".join(self.original[span])

    def beside(self, span: slice) -> tuple[str, str]:
        """The characters before and after a word, empty at the ends."""
        before = self.folded[span.start - 1] if span.start else ""
        return before, self.folded[span.stop] if span.stop < len(self.folded) else ""


def _runs(text: str) -> Iterator[Run]:
    text = text[:READ]
    folded = fold_offsets(text)
    starts = folded.starts.tolist()
    for piece in pieces(folded.text):
        stretch = folded.text[piece.start : piece.end]
        if piece.kind == "cjk":
            places = range(piece.start, piece.end)
            yield Run(stretch, [text[starts[i] : starts[i + 1]] for i in places], 2)
        elif piece.kind in ("word", "acronym"):
            word = piece_terms(piece.kind, stretch)[-1]
            if len(word) > 2 and not word.isdigit():
                yield Run([word], [text[starts[piece.start] : starts[piece.end]]], 1)
