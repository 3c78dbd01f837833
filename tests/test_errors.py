"""The tree of errors, and the one line that says how to get what is not installed."""

import inspect
import re

import pytest

from firth import errors
from firth.errors import FirthError, MissingExtraError, require

TREE = {
    "FirthError": Exception,
    "InputError": ValueError,
    "FilterError": ValueError,
    "DimensionError": ValueError,
    "SchemaError": ValueError,
    "UnreadableError": OSError,
    "UnknownNameError": LookupError,
    "EncoderMismatchError": ValueError,
    "MissingExtraError": ImportError,
    "StoreError": RuntimeError,
}


@pytest.mark.parametrize(("name", "builtin"), TREE.items())
def test_each_is_a_firth_error_and_the_builtin_one_expects(name, builtin):
    with pytest.raises(builtin, match="蘋果"):
        raise getattr(errors, name)("蘋果 apple")
    assert issubclass(getattr(errors, name), FirthError)


def test_the_list_is_whole():
    classes = {name for name, value in vars(errors).items() if inspect.isclass(value)} - {"ModuleType"}
    assert classes == set(TREE) == set(errors.__all__) - {"require"}


def test_the_tree_in_the_docstring_is_the_tree():
    """Two steps of indentation are a parent, and the builtin stands in brackets."""
    drawn = re.findall(r"^( *(?:│   )*)[├└]── (\w+)(?: \((\w+)\))?", errors.__doc__, re.MULTILINE)
    assert {name for _, name, _ in drawn} == set(TREE) - {"FirthError"}
    parents = {0: FirthError}
    for indent, name, builtin in drawn:
        depth, error = (len(indent) - 4) // 4, getattr(errors, name)
        assert error.__bases__[0] is parents[depth]
        if builtin:
            assert error.__bases__[1] is TREE[name]
            assert builtin == TREE[name].__name__
        parents[depth + 1] = error


def test_require_gives_the_module():
    assert require("json", extra="minilm", purpose="to read") is __import__("json")


@pytest.mark.parametrize("module", ["no_such_module_here", "json.no_such_part"])
def test_require_says_what_is_missing_why_and_what_to_type(module):
    with pytest.raises(MissingExtraError) as caught:
        require(module, extra="minilm", purpose="to read MiniLM's word pieces")
    message = str(caught.value)
    assert module in message
    assert "needed to read MiniLM's word pieces" in message
    assert message.endswith("pip install 'firth[minilm]'")
    assert isinstance(caught.value.__cause__, ImportError)
