"""Words that say nothing about what a query is about; used for queries alone, never for documents.

Both lists are short on purpose: a word that might carry content (up, no, new; 不, 大, 人) stays. English
words stand here as their stems, Chinese ones as single folded characters: the pairs they form ("是什")
are rare enough to weigh little, and some are words of their own (目的, 著名).
"""

from __future__ import annotations

__all__ = ["STOP_WORDS"]

_ENGLISH = """
a about am an and are as at be been but by can could did do for from had has have he his how i if in into is
it may might must not of on or our shall she should so such than that the their them then there these they
this those to was we were what when where whi which who whom whose will with would you your
"""
_CHINESE = "的了是在和与及或有为于其这那个们我你他她它也都而且就着过被把从对到以所并何谁吗呢吧啊幺甚怎哪几些"

STOP_WORDS: frozenset[str] = frozenset(_ENGLISH.split()) | frozenset(_CHINESE)
"""Stop words as `firth.text.terms` spells them."""
