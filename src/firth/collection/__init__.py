"""What a person holds: a collection of items, to add to, to search and to look at.

A thin face over the rooms: every method checks little, calls one room, and loads that room when it is called. The
methods stand by what they are for: `base` (what is there), `changing`, `finding`, `understanding`.
"""

from firth.collection.base import Where
from firth.collection.changing import Changing
from firth.collection.finding import Finding
from firth.collection.understanding import Understanding

__all__ = ["Collection", "Where"]


class Collection(Changing, Finding, Understanding):
    """Items with the user's own ids, each with one or more named vectors.

    Args:
        location: A folder, ``":memory:"``, or the address of another store.
        model: The text encoder of a new collection; for one that has its encoder already, a check.
    """
