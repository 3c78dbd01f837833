"""Maps of a collection, kept: drawn once, brought up to date when items come and go, laid beside each other.

`firth.maps` knows vectors; this room knows collections. In reading order: `stamps` tells which items have changed,
`shelf` keeps maps, `states` keeps vectors as they were, `drawing` draws or brings up to date, `comparing` says what
moved between two spaces. A *space* is a named vector (``"meaning"``) or a saved state (``"saved:before"``).
"""

from firth.mapping.comparing import Comparison, comparing
from firth.mapping.drawing import Plan, draw, drawing, is_fresh, mapped
from firth.mapping.shelf import Kept, Shelf
from firth.mapping.stamps import Roll, roll_of
from firth.mapping.states import SAVED, State, States, keep_state, space_material

__all__ = [
    "SAVED",
    "Comparison",
    "Kept",
    "Plan",
    "Roll",
    "Shelf",
    "State",
    "States",
    "comparing",
    "draw",
    "drawing",
    "is_fresh",
    "keep_state",
    "mapped",
    "roll_of",
    "space_material",
]
