"""The bundled sample with its pages, and one drawn map."""

from __future__ import annotations

import pytest

from .page import Page


@pytest.fixture(scope="session")
def page(sample) -> Page:
    return Page(sample)


@pytest.fixture(scope="session")
def drawn(page) -> str:
    """The id of a map of the sample's meaning."""
    job = page.finished({"kind": "map", "space": "meaning", "method": "pca"})
    assert job["state"] == "done", job["error"]
    return job["result"]["map"]


@pytest.fixture
def shelf(folder) -> Page:
    """A page of a small collection that a test may change."""
    fruits = [
        f"{color} {fruit}"
        for color in ("red", "green", "紅色的", "old")
        for fruit in ("apple", "檸檬", "pear")
    ]
    folder.add(fruits)
    return Page(folder)
