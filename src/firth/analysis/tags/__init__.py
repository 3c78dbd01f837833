"""Readable tags, each item's score from 0 to 1, and how far to trust them.

In reading order: `material` is what is read, `wording` what the words say, `tagged` and `given` what people said,
`learning` (on `bases`) what views and examples add, `reliability` how good it is, `result` what comes out, `saving`
what is kept; `tagging` puts it together.
"""

from firth.analysis.tags.result import Reliability, TagScores
from firth.analysis.tags.tagging import tags

__all__ = ["Reliability", "TagScores", "tags"]
