"""Layouts keep heaps together, do the same twice, and can be watched."""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
import pytest

from firth.errors import InputError, MissingExtraError, UnknownNameError
from firth.maps import LAYOUTS, Task, layout, nearest_neighbours
from firth.maps.forces import Descent
from firth.maps.frames import finish
from firth.maps.layouts import UMAP
from firth.maps.pca import principal_components
from firth.similarity import Metric

from .clusters import heaps, purity

VECTORS, HEAP = heaps()


def task(dim=2, seed=0, vectors=VECTORS):
    return Task(vectors, Metric.COSINE, nearest_neighbours(vectors, 15), dim, seed)


@pytest.mark.parametrize("name", ["pca", "umap"])
@pytest.mark.parametrize("dim", [2, 3])
def test_heaps_stay_together(name, dim):
    positions = finish(layout(name).steps(task(dim)))
    assert positions.shape == (300, dim)
    assert positions.dtype == np.float32
    assert purity(positions, HEAP) > {"pca": 0.7, "umap": 0.98}[name]


@pytest.mark.parametrize("name", ["umap-learn", "tsne"])
def test_layouts_of_other_packages(name):
    pytest.importorskip({"umap-learn": "umap", "tsne": "openTSNE"}[name])
    positions = finish(layout(name).steps(task()))
    assert positions.shape == (300, 2)
    assert purity(positions, HEAP) > 0.95


@pytest.mark.parametrize(("name", "module"), [("umap-learn", "umap"), ("tsne", "openTSNE")])
def test_a_package_that_is_missing(monkeypatch, name, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"firth\[maps\]"):
        finish(layout(name).steps(task()))


def test_every_layout_says_whether_it_needs_neighbours():
    assert {name: layout(name).needs_neighbours for name in LAYOUTS} == {
        "pca": False,
        "umap": True,
        "umap-learn": True,
        "tsne": False,
    }


def test_an_unknown_layout():
    with pytest.raises(UnknownNameError, match="umap-learn"):
        layout("som")


def test_neighbours_are_asked_for():
    with pytest.raises(InputError, match="nearest_neighbours"):
        finish(UMAP().steps(Task(VECTORS, Metric.COSINE, None, 2, 0)))


def test_the_same_seed_the_same_map():
    one, same, other = (finish(UMAP().steps(task(seed=seed))) for seed in (1, 1, 2))
    assert (one == same).all()
    assert not np.allclose(one, other)


def test_frames_show_it_settling():
    frames = list(UMAP(Descent(epochs=80)).steps(task()))
    shares = [frame.share for frame in frames]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    moved = [np.abs(a.positions - b.positions).mean() for a, b in pairwise(frames)]
    assert moved[-1] < moved[1]
    assert purity(frames[-1].positions, HEAP) > 0.95


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("name", ["pca", "umap"])
def test_a_few_items(n, name):
    positions = finish(layout(name).steps(task(3, vectors=VECTORS[:n])))
    assert positions.shape == (n, 3)
    assert np.isfinite(positions).all()


def test_items_that_are_all_the_same():
    positions = finish(UMAP().steps(task(vectors=np.ones((50, 4), np.float32))))
    assert np.isfinite(positions).all()


class TestPrincipalComponents:
    def test_against_the_singular_values(self):
        ours = principal_components(VECTORS, 3)
        left, strengths, _ = np.linalg.svd(VECTORS - VECTORS.mean(0), full_matrices=False)
        np.testing.assert_allclose(np.abs(ours), np.abs(left[:, :3] * strengths[:3]), atol=1e-4)

    def test_fewer_columns_than_dimensions(self):
        positions = principal_components(np.array([[1], [2], [4]], np.float32), 2)
        assert positions[:, 1].tolist() == [0, 0, 0]
        assert np.ptp(positions[:, 0]) == 3
