"""Whatever the store, what workers encode is written by the process that adds."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.servers import postgres, s3

import firth
from firth.distributed import Cluster

from .conftest import Doing, assert_same, ids_of
from .test_deaths import kill_one

pytestmark = pytest.mark.slow

TEXTS = [f"第 {n} 個句子 and some words of number {n}" for n in range(600)]


ADDRESSES = {"postgres": lambda: postgres.address("spread"), "s3": s3.address}


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_worker_killed(started, kind, empty):
    collection = firth.open(ADDRESSES[kind](), model="use")
    killing = Doing(kill_one, every=150)
    report = collection.add(TEXTS, ray=Cluster(workers=2), listener=killing)
    assert killing.left == 0
    assert ids_of(collection) == Counter(report.added)
    empty.add(TEXTS)
    assert_same(empty, collection)
    assert len(collection.add(TEXTS, ray=True).unchanged) == len(TEXTS)
