"""Saved states of a collection's vectors, for before and after."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from firth.mapping import State
from firth.server.asking import Ask
from firth.server.desk import Desk

__all__ = ["list_states", "remove_state", "save_state"]


def list_states(desk: Desk, ask: Ask) -> dict[str, Any]:
    """All saved states."""
    return {"states": [_told(state) for state in desk.states.all()]}


def save_state(desk: Desk, ask: Ask) -> dict[str, Any]:
    """Keep the vectors as they are now."""
    ask.only("name", "vector")
    vector = ask.word("vector", "meaning")
    desk.corpus().space(vector)
    return _told(desk.states.save(ask.word("name"), vector, desk.material(vector)))


def remove_state(desk: Desk, ask: Ask) -> dict[str, Any]:
    """Forget a state."""
    ask.only("name")
    desk.states.remove(ask.word("name"))
    return list_states(desk, ask)


def _told(state: State) -> dict[str, Any]:
    return {**asdict(state), "space": state.space}
