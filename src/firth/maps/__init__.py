"""Maps: a collection on a page, so that what is alike lies together, with an honest word on how far to trust it.

`project` lays items out (PCA, or a UMAP-style layout in numpy), `extend` places new ones without moving the old,
and a map says how many true neighbours it keeps, and what its regions are about.

>>> from firth.maps import Settings, project
>>> drawn = project(["蘋果", "apple", "king"], [[1, 0.1], [1, 0], [0, 1]], settings=Settings(method="pca"))
>>> drawn.positions.shape
(3, 2)
"""

from firth.maps.aligning import Alignment, procrustes
from firth.maps.extending import extend
from firth.maps.faithful import faithfulness
from firth.maps.frames import Frame
from firth.maps.layouts import LAYOUTS, Layout, Task, layout
from firth.maps.map import Faithfulness, Map, Region
from firth.maps.material import Material, material
from firth.maps.neighbours import Neighbours, nearest_neighbours
from firth.maps.placing import place
from firth.maps.projecting import Settings, project, projecting
from firth.maps.regions import find_regions

__all__ = [
    "LAYOUTS",
    "Alignment",
    "Faithfulness",
    "Frame",
    "Layout",
    "Map",
    "Material",
    "Neighbours",
    "Region",
    "Settings",
    "Task",
    "extend",
    "faithfulness",
    "find_regions",
    "layout",
    "material",
    "nearest_neighbours",
    "place",
    "procrustes",
    "project",
    "projecting",
]
