"""What `Seen` promises: a set's answers, in a few bytes an id."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firth.ingest.seen import Seen


@given(st.lists(st.text(max_size=3), max_size=60))
def test_answers_as_a_set_does(keys):
    seen, known = Seen(), set()
    for key in keys:
        assert seen.add(key) == (key not in known)
        known.add(key)
    assert len(seen) == len(known)
    assert all(key in seen for key in known)
    assert "none of them" not in seen


def test_forgets_nothing_while_it_grows():
    seen = Seen()
    ids = [f"{number:016x}" for number in range(20_000)]
    assert all(seen.add(id) for id in ids)
    assert not any(seen.add(id) for id in ids)
    assert not any(f"另一個 {number}" in seen for number in range(1000))


def test_takes_a_few_bytes_an_id():
    seen = Seen()
    for number in range(20_000):
        seen.add(f"a long id, as paths of files are, number {number}")
    assert len(seen._hashes) * seen._hashes.itemsize <= 22 * 20_000
