"""What a score means in this collection."""

from __future__ import annotations

import json

import numpy as np
import pytest

import firth
from firth.encoders import encoder
from firth.search import Calibration, calibrate
from firth.search.calibration import unrelated_queries
from firth.similarity import Metric, normalize


@pytest.fixture(scope="module")
def calibration(sample) -> Calibration:
    return sample._corpus().calibration


def test_round_trip(calibration):
    again = Calibration.from_json(json.loads(json.dumps(calibration.to_json())))
    assert again.items == calibration.items
    assert set(again.best) == set(calibration.best)
    for key, quantiles in calibration.best.items():
        assert np.allclose(again.best[key], quantiles, atol=1e-6)
    for vector, kinds in calibration.moments.items():
        for modality, moments in kinds.items():
            other = again.moments[vector][modality]
            assert (other.deviation, other.count) == (moments.deviation, moments.count)
            assert np.allclose(other.center, moments.center, atol=1e-6)


def test_it_is_kept_in_the_collection(sample, calibration):
    assert calibration.items == len(sample) == 621
    assert set(calibration.moments) == {"meaning", "look"}
    assert set(calibration.moments["meaning"]) == {"text", "image"}


def test_the_same_again(sample, calibration):
    again = calibrate(sample._corpus())
    for key, quantiles in again.best.items():
        assert np.allclose(quantiles, calibration.best[key], atol=1e-4)


def test_moments_by_hand(sample, calibration):
    queries = encoder("use").encode_query(unrelated_queries())
    vectors = {"text": [], "image": []}
    columns = ["kind", "part", "text", "start", "v_meaning"]
    for table in sample.store.scan(columns, parts=True):
        for row in table.to_pylist():
            bare = row["kind"] == "image" and row["text"] is None and row["start"] is None
            vectors["image" if bare else "text"].append(row["v_meaning"])
    for modality, moments in calibration.moments["meaning"].items():
        unit = normalize(vectors[modality])
        assert moments.count == len(unit)
        assert np.allclose(moments.center, unit.mean(0), atol=1e-5)
        assert moments.deviation == pytest.approx((unit @ queries.T).std(0).mean(), abs=1e-4)


@pytest.mark.parametrize("modality", ["text", "image"])
def test_percentiles_rise_from_0_to_100(calibration, modality):
    shares = [calibration.percentile("meaning", modality, s, None) for s in np.linspace(-5, 50, 200)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 100)


def test_about_half_of_unrelated_queries_reach_the_middle(sample):
    """A percentile is what it says: queries of the bank themselves are spread evenly over it."""
    best = [sample.search(query)[0].percentile for query in unrelated_queries()]
    assert 20 < np.median(best) < 80


def test_the_length_of_a_query_vector_makes_no_difference(calibration):
    vector = encoder("use").encode_query(["apple"])[0]
    one, ten = (calibration.spreads("meaning", v, Metric.COSINE) for v in (vector, 10 * vector))
    assert one["text"].mean == pytest.approx(ten["text"].mean, abs=1e-6)


def test_nothing_is_known_of_few(empty):
    empty.add([f"sentence {n}" for n in range(19)])
    assert empty.search("sentence")[0].percentile is None
    empty.add(["sentence 19", "another"])
    assert empty.search("sentence")[0].percentile is not None


def test_it_is_done_again_when_a_fifth_is_new(empty):
    texts = [f"sentence {n}" for n in range(130)]
    calibrated = []
    for count in (100, 110, 119, 121, 130):
        empty.add(texts[:count])
        calibrated.append(empty.status()["calibrated_at"])
    assert calibrated == [100, 100, 100, 121, 121]


def test_the_bank_is_of_three_scripts():
    bank = unrelated_queries()
    assert len(bank) == len(set(bank)) >= 50
    assert sum(query.isascii() for query in bank) >= 15
    assert sum(not query.isascii() for query in bank) >= 30


def test_own_vectors_have_none(empty):
    empty.add(np.random.default_rng(0).normal(size=(50, 8)))
    assert empty.search(positive=[np.ones(8)])[0].percentile is None
    assert isinstance(empty.search(positive=["id:3"])[0], firth.Hit)
