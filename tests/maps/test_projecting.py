"""From vectors to a map: whole, watched, left, aligned, sampled, kept and read again."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

from firth.errors import DimensionError, InputError, StoreError, UnknownNameError, UnreadableError
from firth.maps import Map, Settings, material, project, projecting
from firth.similarity import Metric

from .clusters import heaps, purity

VECTORS, HEAP = heaps()
IDS = [f"項{i}" for i in range(len(VECTORS))]
TEXTS = [f"heap{heap} 第{heap}堆蘋果" for heap in "abcde" for _ in range(60)]


@pytest.fixture(scope="module")
def drawn() -> Map:
    return project(IDS, VECTORS, texts=TEXTS)


def test_a_map_says_what_it_is(drawn):
    assert (drawn.method, drawn.seed, drawn.metric, drawn.graph_recall) == ("umap", 0, "cosine", 1)
    assert (len(drawn), drawn.positions.shape, drawn.laid_out, drawn.sampled) == (300, (300, 2), 300, False)
    assert drawn.faithfulness.recall > 10 * 15 / 300 / 5
    assert drawn.faithfulness.trustworthiness > 0.9
    assert purity(drawn.positions, HEAP) > 0.98


def test_heaps_are_regions_with_their_names(drawn):
    named = {word for region in drawn.regions if region.level == 0 for word in region.words}
    assert {f"heap{heap}" for heap in "abcde"} <= named
    for region in drawn.regions:
        inside = drawn.positions[drawn.region_of[region.level] == region.number]
        assert len(inside) == region.size
        assert np.median(inside, axis=0).tolist() == pytest.approx(list(region.center))


def test_labels_do_not_repeat_within_a_level(drawn):
    for level in range(len(drawn.region_of)):
        labels = [region.label for region in drawn.regions if region.level == level and region.words]
        assert len(set(labels)) == len(labels)


def test_stages_come_in_order_and_the_map_last():
    frames = list(projecting(IDS, VECTORS))
    stages = list(dict.fromkeys(frame.stage for frame in frames))
    assert stages == ["neighbours", "layout", "regions", "measuring", "done"]
    assert [frame.map is None for frame in frames] == [True] * (len(frames) - 1) + [False]
    assert sum(frame.positions is not None for frame in frames) > 20


def test_who_has_seen_enough_leaves():
    frames = projecting(IDS, VECTORS)
    assert next(frame for frame in frames if frame.stage == "layout")
    frames.close()
    with pytest.raises(StopIteration):
        next(frames)


def test_what_the_listener_raises_ends_the_work():
    def stop(frame):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        project(IDS, VECTORS, on_frame=stop)


def test_the_same_seed_the_same_map(drawn):
    same = project(IDS, VECTORS, texts=TEXTS)
    assert (same.positions == drawn.positions).all()
    assert same.regions == drawn.regions


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_three_dimensions(method):
    found = project(IDS, VECTORS, settings=Settings(method, dim=3, metric=Metric.EUCLIDEAN))
    assert found.positions.shape == (300, 3)
    assert len(found.regions[0].center) == 3


def test_a_sample_is_laid_out_and_the_rest_placed():
    found = project(IDS, VECTORS, settings=Settings(laid_out=150))
    assert (found.laid_out, found.sampled, len(found)) == (150, True, 300)
    assert purity(found.positions, HEAP) > 0.95


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 9])
@pytest.mark.parametrize("method", ["pca", "umap"])
def test_a_few_items(n, method):
    found = project(IDS[:n], VECTORS[:n].reshape(n, 32), texts=TEXTS[:n], settings=Settings(method))
    assert found.positions.shape == (n, 2)
    assert np.isfinite(found.positions).all()
    assert (found.faithfulness is None) == (n < 8)
    assert sum(region.size for region in found.regions if region.level == 0) == n


class TestAligning:
    def test_a_new_map_lies_on_the_last(self, drawn):
        kept = [i for i in range(300) if i % 3]
        again = project([IDS[i] for i in kept], VECTORS[kept], last=drawn, settings=Settings(seed=5))
        assert again.aligned == 200
        spread = drawn.positions.std()
        moved = np.linalg.norm(again.positions - drawn.positions[kept], axis=1)
        assert np.median(moved) < 0.5 * spread

    def test_new_items_begin_among_their_neighbours(self, drawn):
        half = project(IDS[::2], VECTORS[::2])
        again = project(IDS, VECTORS, last=half)
        assert again.aligned == 150
        assert purity(again.positions, HEAP) > 0.98

    def test_a_map_of_another_method_or_size(self, drawn):
        flat = project(IDS, VECTORS, last=drawn, settings=Settings("pca"))
        assert flat.aligned == 300
        assert np.abs(flat.positions - flat.positions.mean(0)).max() < 2
        again = project(IDS, VECTORS, last=flat)
        assert np.ptp(again.positions) > 2
        assert project(IDS, VECTORS, last=drawn, settings=Settings("pca", dim=3)).aligned == 0

    def test_nothing_in_common(self, drawn):
        assert project([f"x{i}" for i in range(300)], VECTORS, last=drawn).aligned == 0


class TestKeeping:
    def test_there_and_back(self, drawn, tmp_path):
        drawn.save(tmp_path / "地圖.npz")
        read = Map.load(tmp_path / "地圖.npz")
        assert (read.positions == drawn.positions).all()
        assert (read.region_of == drawn.region_of).all()
        for name in ("ids", "method", "seed", "metric", "faithfulness", "regions", "laid_out", "aligned"):
            assert getattr(read, name) == getattr(drawn, name)

    def test_it_is_small(self, drawn):
        file = io.BytesIO()
        drawn.save(file)
        assert file.tell() < 300 * 8 * 3

    def test_a_file_that_is_none(self, tmp_path):
        (tmp_path / "x.npz").write_bytes(b"no map")
        np.savez(tmp_path / "y.npz", positions=np.zeros(3))
        for name, words in (("x.npz", "is no map"), ("y.npz", "is no map"), ("z.npz", "no map at")):
            with pytest.raises(UnreadableError, match=words):
                Map.load(tmp_path / name)

    def test_a_file_of_a_newer_firth(self, tmp_path):
        header = np.frombuffer(json.dumps({"version": 99}).encode(), np.uint8)
        np.savez(tmp_path / "x.npz", header=header, positions=np.zeros((0, 2)), region_of=np.zeros((0, 0)))
        with pytest.raises(StoreError, match="newer"):
            Map.load(tmp_path / "x.npz")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"ids": ["a"]}, InputError, "1 ids"),
        ({"texts": ["a"]}, InputError, "1 texts"),
        ({"vectors": np.ones(300)}, DimensionError, r"\(300,\)"),
        ({"settings": Settings("som")}, UnknownNameError, "som"),
        ({"settings": Settings(dim=4)}, InputError, "dim=4"),
        ({"settings": Settings(k=1)}, InputError, "k=1"),
        ({"settings": Settings(metric=Metric.DOT)}, InputError, "dot"),
    ],
)
def test_what_cannot_be_projected(change, error, words):
    given = {"ids": IDS, "vectors": VECTORS, **change}
    with pytest.raises(error, match=words):
        project(given.pop("ids"), given.pop("vectors"), **given)


@pytest.fixture(scope="module")
def stuff(sample):
    return material(sample._corpus(), "meaning")


class TestTheSample:
    def test_material_is_what_has_the_vector(self, sample, stuff):
        ids, vectors = sample.vectors("meaning")
        assert stuff.ids == sorted(ids)
        assert (stuff.vectors[stuff.ids.index(ids[3])] == vectors[3]).all()
        texts = {record["id"]: record["text"] for record in sample.items()}
        names = {record["id"]: record["fields"].get("name_en") for record in sample.items()}
        assert stuff.texts == [texts[id] or names[id] for id in stuff.ids]
        assert stuff.texts[stuff.ids.index("emoji-1f34e")] == "red apple"

    def test_a_filter(self, sample):
        some = material(sample._corpus(), "meaning", where={"collection": "poem"})
        assert 0 < len(some.ids) < 600
        assert all(text for text in some.texts)

    def test_no_such_vector(self, sample):
        with pytest.raises(UnknownNameError):
            material(sample._corpus(), "taste")

    def test_a_map_keeps_more_neighbours_than_pca(self, stuff):
        umap, pca = (
            project(stuff.ids, stuff.vectors, texts=stuff.texts, settings=Settings(method))
            for method in ("umap", "pca")
        )
        assert umap.faithfulness.recall > 1.5 * pca.faithfulness.recall
        assert umap.faithfulness.trustworthiness > 0.8
        with_texts = np.array([bool(text) for text in stuff.texts])
        for region in umap.regions:
            readable = with_texts[umap.region_of[region.level] == region.number].sum()
            assert region.words or readable < 20, region
