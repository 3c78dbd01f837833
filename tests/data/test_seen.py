from hypothesis import given
from hypothesis import strategies as st

from firth.data.seen import RECENT, FirstSeen, Seen


@given(st.lists(st.text(max_size=3), max_size=300))
def test_agrees_with_a_dict(keys):
    seen, first = FirstSeen(), {}
    for row, key in enumerate(keys, start=1):
        assert seen.see(key, name="a.csv", row=row) == (f"row {first[key]}" if key in first else None)
        first.setdefault(key, row)


def test_grows_and_forgets_nothing():
    seen = FirstSeen("line")
    assert all(seen.see(str(n), name="a", row=n) is None for n in range(1, 20_001))
    assert all(seen.see(str(n), name="b", row=n) == f"a line {n}" for n in range(1, 20_001, 371))


def test_files_are_named_without_a_row():
    seen = FirstSeen()
    seen.see("a.txt", name="photos/a.txt")
    assert seen.see("a.txt", name="photos/b.csv", row=2) == "photos/a.txt"


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
    seen, first = Seen(), FirstSeen()
    for number in range(20_000):
        seen.add(f"a long id, as paths of files are, number {number}")
        first.see(f"a long id, as paths of files are, number {number}", name="a", row=number)
    assert seen._hashes.nbytes <= 8 * 20_000
    assert first._hashes.nbytes + first._first.nbytes <= 16 * 20_000
    assert len(seen._recent) + len(first._recent) < 2 * RECENT
