"""Framing: what stands on a plain ground is set alike, whatever margins it came with; photos are let be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from firth import sample
from firth.data import load_picture
from firth.encoders.framing import MARGIN, framed

APPLE = load_picture(sample.path() / "pictures/emoji-1f34e.png", min_side=100)
GREY = (120, 130, 140)


def on_ground(picture, margins, ground=255):
    top, bottom, left, right = margins
    height, width = picture.shape[:2]
    canvas = np.full((height + top + bottom, width + left + right, 3), ground, np.uint8)
    canvas[top : top + height, left : left + width] = picture
    return canvas


@given(st.tuples(*[st.integers(0, 200)] * 4))
def test_margins_do_not_matter(margins):
    step = max(1, min(on_ground(APPLE, margins).shape[:2]) // 256)
    found, expected = framed(on_ground(APPLE, margins)), framed(APPLE)
    assert abs(found.shape[0] - expected.shape[0]) <= 3 * step  # large pictures are looked at in steps
    assert found.shape[0] == found.shape[1]


def test_what_stands_there_is_in_the_middle_and_whole():
    drawing = np.full((40, 100, 3), 255, np.uint8)
    drawing[10:30, 50:90] = GREY
    drawing[10:15, 50:60] = 255
    square = framed(drawing)
    ink = (square != 255).any(2)
    assert square.shape == (52, 52, 3)
    assert ink.sum() == 20 * 40 - 50
    assert [
        edge.tolist() for edge in (np.flatnonzero(ink.any(1))[[0, -1]], np.flatnonzero(ink.any(0))[[0, -1]])
    ] == [
        [16, 35],
        [6, 45],
    ]
    assert round(40 * MARGIN) == 6


@pytest.mark.parametrize("ground", [0, 255, 77])
def test_any_colour_and_a_little_noise(ground):
    rng = np.random.default_rng(0)
    drawing = np.clip(rng.integers(-6, 7, (80, 120, 3)) + ground, 0, 255).astype(np.uint8)
    drawing[30:50, 40:60] = (200, 30, 30)
    drawing[35:40, 45:50] = ground
    assert framed(drawing).shape == (26, 26, 3)


def test_a_cut_out_may_touch_its_edges_and_corners():
    letter = np.full((60, 50, 3), 255, np.uint8)
    letter[:, :12] = letter[:12] = letter[25:35] = 0  # an F: one corner of four is white
    assert framed(letter).shape == (78, 78, 3)


def test_a_frame_is_taken_away():
    photo = np.random.default_rng(0).integers(0, 200, (60, 80, 3)).astype(np.uint8)
    np.testing.assert_array_equal(framed(on_ground(photo, (4, 4, 4, 4))), photo)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (5, 5), (300, 2)])
def test_nothing_on_its_ground_is_let_be(size):
    empty = np.full((*size, 3), 255, np.uint8)
    assert framed(empty) is empty


def test_a_photo_is_let_be():
    x = np.linspace(0, 255, 90).astype(np.uint8)
    slope = np.stack(np.broadcast_arrays(x[:, None], x[None], np.uint8(90)), axis=2)
    assert framed(slope) is slope


def test_the_encoder_frames(lite0):
    wide = Image.fromarray(on_ground(APPLE, (0, 0, 70, 0)))
    bare = Image.fromarray(APPLE)
    look, other = lite0.encode([wide, bare])
    assert look @ other > 0.97
