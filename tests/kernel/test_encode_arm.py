"""The path for Arm, compiled for it and run in an emulator; where these are not installed, it is left out.

On Debian: apt-get install gcc-aarch64-linux-gnu qemu-user.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from firth import kernel
from firth.kernel import encode_twin as twin
from firth.kernel.bert import Bert, pack_bert
from firth.kernel.paths import kernel_paths
from firth.kernel.use import Use, pack_use

from .test_encode import SHAPES, bert_weights, cosines, laid, states_of, use_inputs, use_weights

COMPILER, EMULATOR = "aarch64-linux-gnu-gcc", "qemu-aarch64"
FOLDER = Path(kernel.__file__).parent
LENGTHS = [1, 17, 2, 40, 16, 33]

if not (shutil.which(COMPILER) and shutil.which(EMULATOR) and (FOLDER / "encode_neon.c").exists()):
    pytest.skip("no compiler or emulator for Arm", allow_module_level=True)


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    out = tmp_path_factory.mktemp("arm") / "encode_arm"
    sources = [Path(__file__).with_name("encode_arm.c"), FOLDER / "encode_neon.c", FOLDER / "encode_plain.c"]
    flags = ["-O2", "-std=c11", "-fno-math-errno", "-Wall", "-Wextra", "-Werror", "-static", f"-I{FOLDER}"]
    subprocess.run([COMPILER, *flags, "-o", str(out), *map(str, sources), "-lm"], check=True)
    return out


def run(program, words, arrays):
    data = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
    done = subprocess.run(
        [EMULATOR, "-cpu", "max", program, *words], input=data, capture_output=True, check=True
    )
    return np.frombuffer(done.stdout, np.float32)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("path", ["neon", "plain"])
def test_bert(program, path, shape):
    packed, states = pack_bert(shape, bert_weights(shape)), states_of(shape, sum(LENGTHS))
    lengths = np.array(LENGTHS, np.int32)
    sizes = (*shape.numbers()[:-1], len(LENGTHS))
    got = run(program, ["bert", path, *map(str, sizes)], [lengths, states, np.frombuffer(packed, np.uint8)])
    got = got.reshape(states.shape)
    assert cosines(got, twin.bert(shape, packed, states, LENGTHS)).min() > 0.9999
    if path == "neon" and "avx2" in kernel_paths() and shape.eps == 1e-12:
        Bert(shape, laid(packed), "avx2")(states, lengths)
        assert np.array_equal(got, states)


@pytest.mark.parametrize("path", ["neon", "plain"])
def test_use(program, path):
    packed, inputs = pack_use(use_weights()), use_inputs(LENGTHS)
    lengths = np.array(LENGTHS, np.int32)
    got = run(program, ["use", path, str(len(LENGTHS))], [lengths, *inputs, np.frombuffer(packed, np.uint8)])
    got = got.reshape(-1, 512)
    assert cosines(got, twin.use(packed, *inputs, LENGTHS)).min() > 0.9999
    if path == "neon" and "avx2" in kernel_paths():
        assert np.array_equal(got, Use(laid(packed), "avx2")(*inputs, lengths))
