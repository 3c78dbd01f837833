"""What can be asked for, and what is refused; nothing here starts Ray."""

from __future__ import annotations

import subprocess
import sys

import pytest

from firth.distributed import Cluster
from firth.errors import InputError, MissingExtraError


def test_what_is_meant_by_an_address_or_by_true():
    assert Cluster.of(True) == Cluster()
    assert Cluster.of("10.0.0.1:6379") == Cluster(address="10.0.0.1:6379")
    assert Cluster.of(Cluster(workers=3)) == Cluster(workers=3)


@pytest.mark.parametrize("asked", [{"workers": 0}, {"cpus": 0}, {"workers": -1}])
def test_a_worker_is_the_least(asked):
    with pytest.raises(InputError, match="at least 1"):
        Cluster(**asked)


def test_without_ray_the_pip_line_is_given(empty, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'firth\[cluster\]'"):
        empty.add(["蘋果", "apple"], ray=True)


def test_where_nothing_is_new_ray_is_not_missed(empty, monkeypatch):
    empty.add(["蘋果", "apple"])
    monkeypatch.setitem(sys.modules, "ray", None)
    assert len(empty.add(["蘋果", "apple"], ray=True).unchanged) == 2


def test_adding_without_ray_does_not_import_it():
    code = "import firth, sys; firth.open(':memory:', model='use').add(['蘋果']); assert 'ray' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
