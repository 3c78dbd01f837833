"""Words: vectors of words, the files they are kept in, and sentences as weighted means of them.

In reading order: `vectors` holds them (`folder` and `formats` are how they are kept, `subwords` the pieces of words),
`sentences` is the encoder ``words:DIR``.
"""

from firth.encoders.words.vectors import WordVectors

__all__ = ["WordVectors"]
