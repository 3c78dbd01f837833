"""Draw docs/pictures/joint_before_after.svg: pictures and their names in one space, before learning and after.

    python scripts/make_joint_figure.py

Before: what lite0 sees, put into the text encoder's space by a random projection, always the same. After: `joint`,
made to forget what it was shown of these very things. The pictures are the emoji of the bundled sample, all of them.
"""

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from firth import sample
from firth.encoders.class_names import doubts, mixtures
from firth.encoders.heads import picture_vectors
from firth.encoders.joint import Joint
from firth.encoders.memory import Memory
from firth.encoders.registry import encoder
from firth.maps import Map, project
from firth.similarity import normalize
from firth.text import display_width
from firth.training.recall import gap
from firth.types import FloatArray

TARGET = Path(__file__).parent.parent / "docs" / "pictures" / "joint_before_after.svg"
MODEL = "joint:use"
LANGUAGES = {"name_en": ("English name", "#1f6fb4"), "name_zh_hant": ("Chinese name 中文名", "#c2410c")}
WIDTH, HEIGHT, TOP, EDGE, GUTTER = 600, 520, 66, 26, 20
THUMB, KEPT = 22, 36
"""The side of a picture as drawn, and in the sheet that holds them all."""
COLUMNS = 12
ALIKE, MEANT = 0.5, 0.7
"""From which cosine on two pictures look like the same thing, and two names mean the same."""
LETTER, LABEL = 15, 18
"""The size of a label's letters, and its height."""
FONT = "system-ui, 'Noto Sans', 'PingFang TC', 'Microsoft JhengHei', 'Noto Sans CJK TC', sans-serif"

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Panel:
    """One of the two: vectors of pictures, ``(n, d)``, a map of them and of all captions, and what to say of it."""

    title: str
    subtitle: str
    pictures: FloatArray
    captions: list[FloatArray]
    map: Map

    def measured(self) -> tuple[str, str]:
        """The gap and the ranks, each in a line."""
        distance = gap(self.pictures, np.vstack(self.captions)).distance
        n = len(self.pictures)
        english, chinese = (np.median(ranks(self.pictures, captions)) for captions in self.captions)
        return (
            f"gap between the mean of pictures and the mean of names: {distance:.2f}",
            f"median rank of a name’s own picture: English {english:.0f}, Chinese {chinese:.0f} of {n} "
            f"(by chance {(n + 1) / 2:.0f})",
        )


def ranks(pictures: FloatArray, captions: FloatArray) -> FloatArray:
    """At which place a search by each caption finds its own picture, from 1."""
    scores = captions @ pictures.T
    return 1 + (scores > np.diag(scores)[:, None]).sum(1)


def without(memory: Memory, features: FloatArray, names: FloatArray) -> Memory:
    """A memory less all pictures of the things that these show.

    A concept goes if a kept picture of it looks like one of these, or if it means what one of the names does. (A
    memory keeps no names to compare.)
    """
    alike = memory.cosines(features)
    meanings = normalize(memory.codes.astype(np.float32) @ memory.axes)
    meant = normalize(names - names.mean(0)) @ meanings.T
    gone = np.union1d(memory.concept[near(alike, ALIKE)], near(meant, MEANT))
    keep = ~np.isin(memory.concept, gone)
    return replace(memory, levels=memory.levels[keep], concept=memory.concept[keep])


def near(cosines: FloatArray, least: float) -> npt.NDArray[np.int64]:
    """The columns that are the nearest of some row, or nearer to one than `least`."""
    return np.flatnonzero((cosines >= np.minimum(cosines.max(1, keepdims=True), least)).any(0))


def panels(rows: list[dict[str, str]]) -> tuple[Panel, Panel]:
    joint = encoder(MODEL)
    assert isinstance(joint, Joint)
    features, logits = joint.pictures.run([sample.path() / row["image"] for row in rows])
    captions = [joint.encode([row[key] for row in rows]) for key in LANGUAGES]
    projection = np.random.default_rng(0).normal(size=(features.shape[1], joint.dim)).astype(np.float32)
    before = normalize(normalize(features) @ projection)
    tower = joint._tower
    assert tower.memory
    rest = without(tower.memory, features, captions[0])
    print(f"kept: {len(rest.concept)} pictures of {len(tower.memory.concept)}")
    remembered = rest.recall(features) * doubts(logits)[:, None]
    after = picture_vectors(tower.arrays, features, mixtures(logits, joint.classes), remembered)
    ids = [f"{kind} {row['id']}" for kind in ("image", *LANGUAGES) for row in rows]
    first = project(ids, np.vstack([before, *captions]))
    second = project(ids, np.vstack([after, *captions]), last=first)
    known = joint.from_features(features, logits)
    print("had it forgotten nothing:", *Panel("", "", known, captions, second).measured(), sep="\n  ")
    naive, learned = (
        "what lite0 sees, through a random projection",
        "made to forget its pictures of these very things",
    )
    return (
        Panel("Before: nothing learned", naive, before, captions, first),
        Panel("After: joint", learned, after, captions, second),
    )


def placed(drawn: Map) -> FloatArray:
    """Positions on the panel: one scale for both axes, in the middle, room for labels at the sides."""
    low, high = drawn.positions.min(0), drawn.positions.max(0)
    room = np.array([WIDTH - 4 * EDGE, HEIGHT - 2 * EDGE])
    scale = (room / (high - low)).min()
    return (drawn.positions - (low + high) / 2) * scale * [1, -1] + np.array([WIDTH, HEIGHT]) / 2


def sheet(rows: list[dict[str, str]]) -> str:
    """All pictures on one transparent PNG, in base64."""
    lines = -(-len(rows) // COLUMNS)
    whole = Image.new("RGBA", (COLUMNS * KEPT, lines * KEPT))
    for number, row in enumerate(rows):
        picture = Image.open(sample.path() / row["image"]).convert("RGBA")
        right, bottom = picture.width - 1, picture.height - 1
        for corner in ((0, 0), (right, 0), (0, bottom), (right, bottom)):
            ImageDraw.floodfill(picture, corner, (255, 255, 255, 0), thresh=12)
        picture.thumbnail((KEPT, KEPT), Image.Resampling.LANCZOS)
        across, down = (KEPT - picture.width) // 2, (KEPT - picture.height) // 2
        whole.paste(picture, (number % COLUMNS * KEPT + across, number // COLUMNS * KEPT + down))
    file = io.BytesIO()
    whole.quantize(128, method=Image.Quantize.FASTOCTREE).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def symbols(rows: list[dict[str, str]]) -> Iterator[str]:
    width, height = COLUMNS * KEPT, -(-len(rows) // COLUMNS) * KEPT
    data = f"data:image/png;base64,{sheet(rows)}"
    yield f'<defs><image id="all" width="{width}" height="{height}" href="{data}"/>'
    for number in range(len(rows)):
        box = f"{number % COLUMNS * KEPT} {number // COLUMNS * KEPT} {KEPT} {KEPT}"
        yield f'<symbol id="p{number}" viewBox="{box}"><use href="#all"/></symbol>'
    yield "</defs>"


def draw_panel(panel: Panel, rows: list[dict[str, str]]) -> Iterator[str]:
    n = len(rows)
    xy = placed(panel.map)
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#fff" stroke="#d8dee4"/>'
    yield f'<text y="-30" font-size="21" font-weight="600" fill="#1f2328">{panel.title}</text>'
    yield f'<text y="-10" font-size="16" fill="#59636e">{panel.subtitle}</text>'
    for number, line in enumerate(panel.measured()):
        yield f'<text y="{HEIGHT + 22 + 19 * number}" font-size="15" fill="#1f2328">{line}</text>'
    colours = [colour for _, colour in LANGUAGES.values()]
    for number, colour in enumerate(colours, 1):
        ends = zip(xy[:n], xy[number * n : (number + 1) * n], strict=True)
        path = "".join(f"M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}" for (x, y), (u, v) in ends)
        yield f'<path d="{path}" fill="none" stroke="{colour}" stroke-opacity=".35" stroke-width=".8"/>'
    for number, (x, y) in enumerate(xy[:n]):
        corner = f'x="{x - THUMB / 2:.1f}" y="{y - THUMB / 2:.1f}"'
        yield f'<use href="#p{number}" {corner} width="{THUMB}" height="{THUMB}"/>'
    for number, colour in enumerate(colours, 1):
        dots = xy[number * n : (number + 1) * n]
        yield f'<g fill="{colour}" stroke="#fff" stroke-width=".6">'
        yield "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2"/>' for x, y in dots) + "</g>"
    yield from labels(xy, rows, colours)


def labels(xy: FloatArray, rows: list[dict[str, str]], colours: list[str]) -> Iterator[str]:
    """The names for which there is room beside their dots."""
    n = len(rows)
    taken = [(x - THUMB / 2, y - THUMB / 2, x + THUMB / 2, y + THUMB / 2) for x, y in xy[:n]]
    taken += [(x - 3, y - 3, x + 3, y + 3) for x, y in xy[n:]]
    for row in range(n):
        for number, key in enumerate(LANGUAGES, 1):
            x, y = xy[number * n + row]
            text = rows[row][key]
            width = display_width(text) * LETTER * 0.54
            for anchor, left in (("start", x + 5), ("end", x - 5 - width)):
                box = (left, y - LABEL / 2, left + width, y + LABEL / 2)
                if inside(box) and not any(overlap(box, other) for other in taken):
                    taken.append(box)
                    yield label(
                        text, left if anchor == "start" else left + width, y + 5, anchor, colours[number - 1]
                    )
                    break


def label(text: str, x: float, y: float, anchor: str, colour: str) -> str:
    look = f'font-size="{LETTER}" fill="{colour}" stroke="#fff" stroke-width="3" paint-order="stroke"'
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {look}>{escape(text)}</text>'


def inside(box: Box) -> bool:
    return box[0] > 4 and box[1] > 4 and box[2] < WIDTH - 4 and box[3] < HEIGHT - 4


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def legend(x: float, y: float) -> Iterator[str]:
    yield f'<use href="#p0" x="{x}" y="{y - 15}" width="{THUMB}" height="{THUMB}"/>'
    yield f'<text x="{x + 26}" y="{y}" font-size="15" fill="#1f2328">a picture</text>'
    for number, (name, colour) in enumerate(LANGUAGES.values()):
        left = x + 120 + 135 * number
        yield f'<circle cx="{left}" cy="{y - 5}" r="4" fill="{colour}"/>'
        yield f'<text x="{left + 10}" y="{y}" font-size="15" fill="#1f2328">{name}</text>'
    credit = "Pictures: Noto Emoji, Google (Apache-2.0). Names: Unicode CLDR."
    yield (
        f'<text x="{2 * WIDTH + GUTTER + EDGE}" y="{y}" text-anchor="end" font-size="13" fill="#59636e">'
        f"{credit}</text>"
    )


def draw(rows: list[dict[str, str]]) -> str:
    width, height = 2 * WIDTH + GUTTER + 2 * EDGE, TOP + HEIGHT + 92
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="{FONT}">',
        "<title>Pictures and their names in one space, before anything is learned and after</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *symbols(rows),
    ]
    for number, panel in enumerate(panels(rows)):
        print(panel.title, *panel.measured(), sep="\n  ")
        parts += [
            f'<g transform="translate({EDGE + number * (WIDTH + GUTTER)} {TOP})">',
            *draw_panel(panel, rows),
        ]
        parts.append("</g>")
    return "\n".join([*parts, *legend(EDGE, height - 16), "</svg>", ""])


if __name__ == "__main__":
    items = map(json.loads, (sample.path() / "items.jsonl").read_text(encoding="utf-8").splitlines())
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(draw([item for item in items if item["collection"] == "emoji"]), encoding="utf-8")
