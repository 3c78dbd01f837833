"""The text form of a filter: tokens, then a recursive descent.

The grammar::

    any   = all {"or" all}
    all   = one {"and" one}
    one   = "not" one | "(" any ")" | name test
    test  = operator value | ["not"] (in | like | contains | between) | "is" ["not"] "null" | nothing

A name that begins with ``tag:`` is the score of a tag, and goes on to the next space: ``tag:science-fiction > 0.8``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from firth.errors import FilterError
from firth.stores.conditions import Conditions
from firth.stores.filters import And, Filter, Not, Operator, Or

__all__ = ["parse_text"]

_KEYWORDS = frozenset(
    ("and", "or", "not", "in", "like", "between", "contains", "is", "null", "true", "false"),
)
_DEEPEST = 20  # nested deeper, engines give up or take exponential time
_FULL_WIDTH = str.maketrans("（），＝＜＞！", "(),=<>!")  # what a Chinese keyboard gives outside of quotes
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | '(?P<text>(?:[^']|'')*)'
      | "(?P<double>(?:[^"]|"")+)" | `(?P<back>(?:[^`]|``)+)`
      | (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])
      | (?P<name>tag[:：][^\s'"`<>=!,()＜＞＝！，（）]+|[^\W\d][\w.:]*)
      | (?P<mark>[<＜][>＞]|[!！<＜>＞=＝][=＝]|[=＝<＜>＞(（)）,，])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "name", "quoted" (a name), "text", "number", "mark", "keyword", "end"
    text: str
    start: int


def parse_text(where: str, conditions: Conditions) -> Filter:
    """Parse the text form; see `firth.stores.where.parse_where`."""
    return _Parser(where, conditions).parse()


class _Parser:
    def __init__(self, where: str, conditions: Conditions) -> None:
        self._where = where
        self._conditions = conditions
        self._tokens = _tokens(where)
        self._next = 0
        self._depth = 0

    def parse(self) -> Filter:
        result = self._any()
        if self._peek().kind != "end":
            raise self._expected("and, or, or the end")
        return result

    def _any(self) -> Filter:
        operands = [self._all()]
        while self._take("or"):
            operands.append(self._all())
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def _all(self) -> Filter:
        operands = [self._one()]
        while self._take("and"):
            operands.append(self._one())
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def _one(self) -> Filter:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _error(self._where, self._peek().start, f"nested deeper than {_DEEPEST} levels")
        if self._take("not"):
            result: Filter = Not(self._one())
        elif self._take("("):
            result = self._any()
            self._require(")")
        else:
            result = self._test()
        self._depth -= 1
        return result

    def _test(self) -> Filter:
        token = self._advance()
        if token.kind not in ("name", "quoted"):
            self._next -= 1
            raise self._expected("the name of a field")
        try:
            return self._condition(token.text)
        except FilterError as error:
            if "\n" in str(error):  # it has its caret already
                raise
            raise _error(self._where, token.start, str(error)) from None

    def _condition(self, name: str) -> Filter:
        token = self._peek()
        if token.kind == "mark" and token.text not in "(),":
            self._next += 1
            operator = {"<>": "!=", "==": "="}.get(token.text, token.text)
            return self._conditions.compare(name, cast(Operator, operator), self._value())
        if self._take("is"):
            negative = self._take("not")
            self._require("null")
            return _negated(self._conditions.is_null(name), negative)
        negative = self._take("not")
        verbs: dict[str, Callable[[str], Filter]] = {
            "in": lambda name: self._conditions.is_in(name, self._list()),
            "like": lambda name: self._conditions.like(name, self._value()),
            "contains": lambda name: self._conditions.contains(name, self._value()),
            "between": self._between,
        }
        for verb, build in verbs.items():
            if self._take(verb):
                return _negated(build(name), negative)
        if negative or token.kind not in ("end", "keyword", "mark"):
            raise self._expected("=, !=, <, <=, >, >=, in, like, between, contains or is null")
        return self._conditions.is_true(name)

    def _between(self, name: str) -> Filter:
        low = self._conditions.compare(name, ">=", self._value())
        self._require("and")
        return And((low, self._conditions.compare(name, "<=", self._value())))

    def _list(self) -> list[str | int | float | bool]:
        self._require("(")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        self._require(")")
        return values

    def _value(self) -> str | int | float | bool:
        token = self._advance()
        if token.kind == "text":
            return token.text
        if token.kind == "number":
            return float(token.text) if re.search("[.eE]", token.text) else int(token.text)
        if token.text in ("true", "false") and token.kind == "keyword":
            return token.text == "true"
        self._next -= 1
        if token.text == "null" and token.kind == "keyword":
            raise self._expected("a value (to find missing values, ask: is null)")
        hint = f" (text stands in single quotes: '{token.text}')" if token.kind in ("name", "quoted") else ""
        raise self._expected(f"a value{hint}")

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _advance(self) -> _Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _take(self, word: str) -> bool:
        token = self._peek()
        found = token.kind in ("keyword", "mark") and token.text == word
        self._next += found
        return found

    def _require(self, word: str) -> None:
        if not self._take(word):
            raise self._expected(f"{word!r}")

    def _expected(self, what: str) -> FilterError:
        token = self._peek()
        got = "the end" if token.kind == "end" else repr(token.text)
        return _error(self._where, token.start, f"got {got}; expected {what}")


def _negated(condition: Filter, negative: bool) -> Filter:
    return Not(condition) if negative else condition


def _tokens(where: str) -> list[_Token]:
    tokens, start = [], 0
    while start < len(where):
        match = _TOKEN.match(where, start)
        if match is None:
            raise _error(where, start, _unreadable(where[start]))
        if match.lastgroup != "space":
            tokens.append(_token(match))
        start = match.end()
    return [*tokens, _Token("end", "", len(where))]


def _token(match: re.Match[str]) -> _Token:
    kind, start = str(match.lastgroup), match.start()
    text = match[kind]
    if kind == "text":
        return _Token("text", text.replace("''", "'"), start)
    if kind in ("double", "back"):
        quote = match[0][0]
        return _Token("quoted", text.replace(quote * 2, quote), start)
    if kind == "name" and text.lower() in _KEYWORDS:
        return _Token("keyword", text.lower(), start)
    if kind == "name":
        return _Token(kind, text.replace("：", ":"), start)
    return _Token(kind, text.translate(_FULL_WIDTH) if kind == "mark" else text, start)


def _unreadable(character: str) -> str:
    if character in "'\"`":
        return f"a quote {character} that is not closed"
    if character in "‘’“”「」":
        return f"got {character!r}; expected a straight single quote ' around text"
    return (
        f"got {character!r}; expected a name, a value or an operator (names with such signs: in `backticks`)"
    )


def _error(where: str, position: int, message: str) -> FilterError:
    """The message, the line it is about, and a caret under the place; wide characters take two columns."""
    start = where.rfind("\n", 0, position) + 1
    line = where[start:].split("\n", 1)[0]
    before = where[start:position]
    indent = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in before)
    return FilterError(f"the filter, at character {position + 1}: {message}\n  {line}\n  {' ' * indent}^")
