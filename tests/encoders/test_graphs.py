"""The graphs in the package are the print of scripts/make_graphs.py, byte for byte."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import firth

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_graphs.py"
GRAPHS = Path(firth.__file__).parent / "encoders" / "graphs"


def test_the_script_writes_what_is_committed(tmp_path):
    """The script writes beside itself, so a copy of it elsewhere leaves the package alone."""
    pytest.importorskip("onnx")
    copy = tmp_path / "scripts" / SCRIPT.name
    copy.parent.mkdir()
    shutil.copy(SCRIPT, copy)
    made = tmp_path / "src" / "firth" / "encoders" / "graphs"
    made.mkdir(parents=True)
    subprocess.run([sys.executable, copy], check=True)
    assert {path.name for path in made.iterdir()} == {path.name for path in GRAPHS.glob("*.onnx")}
    for path in made.iterdir():
        assert path.read_bytes() == (GRAPHS / path.name).read_bytes(), path.name


@pytest.mark.parametrize("path", sorted(GRAPHS.glob("*.onnx")), ids=lambda path: path.stem)
def test_graphs_hold_no_weights(path):
    assert path.stat().st_size < 30_000
