"""Kernels are there or said to be missing; what they are handed is checked before C sees it."""

from __future__ import annotations

import importlib

from firth import kernel


def test_what_is_not_missing_can_be_imported():
    for name in set(kernel.KERNELS) - set(kernel.missing()):
        assert importlib.import_module(f"firth.kernel.{name}").__name__ == f"firth.kernel.{name}"


def test_what_is_missing_is_one_of_the_kernels(monkeypatch):
    monkeypatch.setattr(kernel, "KERNELS", (*kernel.KERNELS, "_there_is_none"))
    assert kernel.missing()[-1] == "_there_is_none"
