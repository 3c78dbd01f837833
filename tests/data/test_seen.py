from hypothesis import given
from hypothesis import strategies as st

from firth.data.seen import FirstSeen


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
