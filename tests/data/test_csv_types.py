from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.data.csv_types import FROM_TEXT, ColumnType
from firth.data.tables import Kind


def kind_of(cells):
    column = ColumnType()
    for cell in cells:
        column.see(cell)
    return column.kind


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-20", "", "0"], Kind.INT),
        (["9223372036854775807"], Kind.INT),
        (["9223372036854775808"], Kind.TEXT),
        (["1" * 5000], Kind.TEXT),
        (["0439023480", "439023481"], Kind.TEXT),  # a leading zero
        (["-0"], Kind.TEXT),
        (["+1"], Kind.TEXT),
        ([" 1"], Kind.TEXT),
        (["１２"], Kind.TEXT),  # full-width digits
        (["4.34", "4", ""], Kind.FLOAT),
        (["2008.0", "1997.0"], Kind.FLOAT),
        (["12.50", "3.00", "0.10"], Kind.FLOAT),  # prices: every cell has two places
        (["1.9", "1.10"], Kind.TEXT),  # versions
        (["1", "1.10"], Kind.TEXT),
        (["0.1", "0.30000000000000004"], Kind.FLOAT),
        (["0.123456789012345678"], Kind.TEXT),
        (["9780439023480123", "0.5"], Kind.TEXT),
        (["1e-05", "2.5E+10"], Kind.FLOAT),
        (["12E4", "13E7"], Kind.TEXT),  # codes
        (["1e+999"], Kind.TEXT),
        (["1.5", "nan", "NaN"], Kind.FLOAT),
        (["1", "NaN"], Kind.FLOAT),
        (["inf"], Kind.TEXT),
        (["1,5"], Kind.TEXT),
        (["true", "False", ""], Kind.BOOL),
        (["true", "1"], Kind.TEXT),
        (["", ""], Kind.TEXT),
        (["1", "蘋果"], Kind.TEXT),
        (["2024-01-31"], Kind.TEXT),
    ],
)
def test_kinds(cells, kind):
    assert kind_of(cells) is kind
    assert kind_of(cells[::-1]) is kind


@given(st.lists(st.integers(-(2**63), 2**63 - 1).map(str) | st.just(""), min_size=1))
def test_integers_come_back_exactly(cells):
    convert = FROM_TEXT[kind_of(cells)]
    assert [str(convert(cell)) if cell else "" for cell in cells] == cells


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_floats_come_back_exactly(values):
    cells = [repr(value) for value in values]
    kind = kind_of(cells)
    assert kind in (Kind.FLOAT, Kind.TEXT)
    if kind is Kind.FLOAT:
        assert [FROM_TEXT[kind](cell) for cell in cells] == values


@given(st.lists(st.from_regex(r"-?[0-9]{0,18}\.?[0-9]{0,4}", fullmatch=True), min_size=1, max_size=5))
def test_no_two_different_cells_become_one_number(cells):
    convert = FROM_TEXT[kind_of(cells)]
    for a, b in combinations({cell for cell in cells if cell}, 2):
        same_number = (_without_padding(a), _without_padding(b)) if kind_of(cells) is Kind.FLOAT else (a, b)
        assert (repr(convert(a)) == repr(convert(b))) == (same_number[0] == same_number[1])


def _without_padding(cell):
    return cell.rstrip("0").rstrip(".") if "." in cell else cell


def test_values():
    assert FROM_TEXT[Kind.FLOAT]("NaN") is None
    assert FROM_TEXT[Kind.BOOL]("TRUE") is True
    assert all(convert("") is None for convert in FROM_TEXT.values())
