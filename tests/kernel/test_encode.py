"""The encoders' kernel against its twin in numpy, on every path that this processor can take."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firth.errors import UnknownNameError
from firth.kernel import encode_twin as twin
from firth.kernel.bert import Bert, BertShape, pack_bert
from firth.kernel.packing import join, mapped, pack_linear, quantize_weights
from firth.kernel.paths import aligned, best_path, in_words, kernel_paths
from firth.kernel.use import Use, pack_use

kernel = pytest.importorskip("firth.kernel._encode")

PATHS = kernel_paths()
SMALL = BertShape(layers=2, width=128, inner=192, heads=4, depth=64)
NONE, GELU, RELU = range(3)
SHAPES = [
    SMALL,
    BertShape(layers=1, width=384, inner=1536, heads=12),
    BertShape(layers=1, width=256, inner=512, heads=4, depth=128, eps=1e-5),
    BertShape(layers=1, width=192, inner=320, heads=12, depth=64, eps=1e-5),
    BertShape(layers=1, width=128, inner=128, heads=2, depth=64, activation="relu"),
]


def laid(data: bytes) -> np.ndarray:
    """Bytes where the kernel wants them."""
    array = aligned(len(data))
    array[:] = np.frombuffer(data, np.uint8)
    return array


def bert_weights(shape, seed=0):
    rng = np.random.default_rng(seed)

    def normal(*size, scale=1.0):
        return (rng.standard_normal(size) * scale).astype(np.float32)

    def norm(name):
        return {f"{name}.w": 1 + normal(shape.width, scale=0.2), f"{name}.b": normal(shape.width, scale=0.2)}

    found = norm("emb.ln")
    for i in range(shape.layers):
        sizes = dict.fromkeys(["q", "k", "v", "ao"], (shape.width, shape.width))
        sizes |= {"fi": (shape.width, shape.inner), "fo": (shape.inner, shape.width)}
        for name, (rows, columns) in sizes.items():
            found[f"l{i}.{name}.w"] = normal(rows, columns, scale=rows**-0.5)
            found[f"l{i}.{name}.b"] = normal(columns, scale=0.3)
        found |= norm(f"l{i}.aln") | norm(f"l{i}.oln")
    return found


def use_weights(seed=0):
    rng = np.random.default_rng(seed)
    sizes = {"proj": (512, 768), "cnn": (1280, 512)}
    sizes |= {f"conv{n}.{step}": (n * 256, 256) for n in (2, 3, 5) for step in (1, 2)}
    dense = {"d0": (512, 320), "d1": (320, 320), "p1": (512, 320), "d2": (320, 512), "p3": (320, 512)}
    dense["d3"] = (512, 512)
    found = {f"{name}.w": rng.standard_normal(size) * size[0] ** -0.5 for name, size in sizes.items()}
    found |= {f"{name}.b": rng.standard_normal(size[1]) * 0.2 for name, size in sizes.items()}
    found |= {name: rng.standard_normal(size) * size[0] ** -0.5 for name, size in dense.items()}
    for name, width in {"branches": 768, "tokens": 1280}.items():
        found[f"{name}.w"], found[f"{name}.b"] = (
            1 + 0.2 * rng.standard_normal(width),
            rng.standard_normal(width),
        )
    return {name: array.astype(np.float32) for name, array in found.items()}


def states_of(shape, tokens, seed=1):
    return np.random.default_rng(seed).standard_normal((tokens, shape.width)).astype(np.float32)


def use_inputs(lengths, seed=0):
    rng, tokens = np.random.default_rng(seed), sum(lengths)
    codes = rng.integers(0, 256, (tokens, 512), np.uint8)
    scale = rng.uniform(0.005, 0.01, tokens).astype(np.float32)
    return codes, scale, (-128 * scale).astype(np.float32)


def cosines(a, b):
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


@pytest.fixture(params=PATHS)
def path(request):
    return request.param


class TestQuantize:
    def run(self, path, x, depth):
        count = x.size // depth
        codes, scale, low = (
            np.empty(x.size, np.uint8),
            np.empty(count, np.float32),
            np.empty(count, np.float32),
        )
        kernel.quantize(path, depth, np.ascontiguousarray(x), codes, scale, low)
        return codes.reshape(-1, depth), scale, low

    @pytest.mark.parametrize("depth", [64, 128, 384])
    def test_codes_are_the_twins_one_by_one(self, path, depth):
        rng = np.random.default_rng(depth)
        x = (rng.standard_normal((50, depth)) * 10.0 ** rng.integers(-20, 20, (50, 1))).astype(np.float32)
        x[0], x[1], x[2, :-1], x[3] = 0, -7.25, 1e-38, np.arange(depth) % 2
        codes, scale, low = self.run(path, x, depth)
        expected = twin.quantize(x, depth)
        for got, wanted in zip((codes, scale, low), expected, strict=True):
            assert np.array_equal(got, wanted.reshape(got.shape))

    def test_a_value_is_off_by_half_a_step_at_most(self, path):
        x = np.random.default_rng(0).standard_normal((9, 128)).astype(np.float32)
        codes, scale, low = self.run(path, x, 128)
        assert (np.abs(codes * scale[:, None] + low[:, None] - x) <= scale[:, None] * 0.5001).all()

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_what_is_no_number_does_no_harm(self, path, bad):
        x = np.ones((1, 64), np.float32)
        x[0, 5] = bad
        codes, *_ = self.run(path, x, 64)
        assert codes.shape == (1, 64)


class TestMultiply:
    def run(self, path, weights, codes, scale, low, activation=NONE, *, integers=False):
        w, bias, depth = weights
        arrays = list(pack_linear(w, bias, depth=depth))
        if integers:  # every scale 1: what comes out is the sum itself
            arrays[1] = np.ones_like(arrays[1])
        packed = join(iter(arrays))
        groups, columns = len(w) // depth, w.shape[1]
        out = np.empty((len(codes), columns), np.float32)
        kernel.multiply(path, (columns, depth, groups), activation, laid(packed), codes, scale, low, out)
        linear = twin.Reader(packed).linear(columns, depth, groups)
        return out, twin.multiply(linear, codes.reshape(len(codes), groups, depth), scale, low)

    @pytest.mark.parametrize("rows", [1, 2, 5, 6, 7, 13])
    @pytest.mark.parametrize(("k", "depth", "columns"), [(64, 64, 64), (384, 128, 192), (1536, 1536, 128)])
    def test_sums_are_exact(self, path, rows, k, depth, columns):
        rng = np.random.default_rng(k + rows)
        codes = rng.integers(0, 256, (rows, k), np.uint8)
        weights = rng.integers(-127, 128, (k, columns)).astype(np.float32)
        weights[:: depth // 2] = 127  # so that codes are the weights themselves
        scale, low = np.ones((rows, k // depth), np.float32), np.zeros((rows, k // depth), np.float32)
        got, wanted = self.run(path, (weights, np.zeros(columns), depth), codes, scale, low, integers=True)
        assert np.array_equal(got, wanted)
        exact = codes.astype(np.int64) @ weights.astype(np.int64)
        np.testing.assert_allclose(got, exact, rtol=1e-6)

    @pytest.mark.parametrize(("code", "weight"), [(255, 127), (255, -127), (0, -127), (128, 127), (1, 127)])
    def test_the_largest_sums_do_not_saturate(self, path, code, weight):
        codes, weights = np.full((4, 1536), code, np.uint8), np.full((1536, 64), weight, np.float32)
        one, none = np.ones((4, 1), np.float32), np.zeros((4, 1), np.float32)
        got, _ = self.run(path, (weights, np.zeros(64), 1536), codes, one, none, integers=True)
        assert (got == np.float32(1536 * code * weight)).all()

    @pytest.mark.parametrize(
        ("activation", "function"),
        [(NONE, np.asarray), (GELU, twin.gelu), (RELU, lambda x: np.maximum(x, 0))],
    )
    def test_what_follows_is_the_twins_within_a_millionth(self, path, activation, function):
        rng = np.random.default_rng(3)
        weights, bias = rng.standard_normal((256, 128)) / 16, rng.standard_normal(128)
        x = rng.standard_normal((11, 256)).astype(np.float32)
        codes, scale, low = twin.quantize(x, 128)
        linear = (weights.astype(np.float32), bias.astype(np.float32), 128)
        got, wanted = self.run(path, linear, codes.reshape(11, 256), scale, low, activation)
        np.testing.assert_allclose(got, function(wanted), atol=2e-6, rtol=1e-6)
        np.testing.assert_allclose(wanted, x @ weights + bias, atol=0.06)

    def test_gelu_over_its_whole_range(self, path):
        """Bias alone goes through: -30 to 30, and what is far outside."""
        x = np.concatenate([np.linspace(-30, 30, 4090), [-1e30, 1e30, 0, -0.0, 1e-30, -50]]).astype(
            np.float32
        )
        zero = np.zeros((1, 1), np.float32)
        weights = (np.zeros((64, 4096), np.float32), x, 64)
        got, _ = self.run(path, weights, np.zeros((1, 64), np.uint8), zero, zero, GELU)
        np.testing.assert_allclose(got[0], twin.gelu(x), atol=1e-6, rtol=1e-6)


class TestBert:
    @pytest.mark.parametrize("shape", SHAPES, ids=str)
    def test_it_is_the_twin(self, path, shape):
        lengths = np.array([1, 17, 2, 40, 16, 33], np.int32)
        packed, states = pack_bert(shape, bert_weights(shape)), states_of(shape, int(lengths.sum()))
        wanted = twin.bert(shape, packed, states, lengths.tolist())
        Bert(shape, laid(packed), path)(states, lengths)
        # a code may be its neighbour where a float before it differs in its last digit
        assert np.abs(states - wanted).max() < 0.05
        assert cosines(states, wanted).min() > 0.9999

    @pytest.mark.parametrize("shape", SHAPES, ids=str)
    def test_all_paths_but_plain_c_give_the_same_bits(self, shape):
        lengths = np.array([1, 17, 2, 40, 16, 33], np.int32)
        packed, found = laid(pack_bert(shape, bert_weights(shape))), []
        for path in PATHS[:-1]:
            found.append(states_of(shape, int(lengths.sum())))
            Bert(shape, packed, path)(found[-1], lengths)
        assert all(np.array_equal(states, found[0]) for states in found)

    def test_it_is_near_the_weights_it_was_made_of(self, path):
        weights = bert_weights(SMALL)
        fine, coarse = pack_bert(SMALL, weights), states_of(SMALL, 9)
        other = {**weights, "l0.fo.w": weights["l0.fo.w"] * 1.5}
        near, far = coarse.copy(), coarse.copy()
        Bert(SMALL, laid(fine), path)(near, np.array([9], np.int32))
        Bert(SMALL, laid(pack_bert(SMALL, other)), path)(far, np.array([9], np.int32))
        assert cosines(near, far).max() < 0.9999

    @settings(max_examples=25, deadline=None)
    @given(lengths=st.lists(st.integers(1, 70), min_size=1, max_size=9), seed=st.integers(0, 99))
    def test_a_text_has_the_same_vectors_alone_and_in_any_batch(self, lengths, seed):
        for path in PATHS[:-1] or PATHS:
            bert = Bert(SMALL, laid(pack_bert(SMALL, bert_weights(SMALL))), path)
            together = states_of(SMALL, sum(lengths), seed)
            alone = together.copy()
            bert(together, np.array(lengths, np.int32))
            assert np.isfinite(together).all()
            start = 0
            for length in lengths:
                one = alone[start : start + length].copy()
                bert(one, np.array([length], np.int32))
                assert np.array_equal(one, together[start : start + length])
                start += length

    def test_512_tokens_and_more(self, path):
        bert = Bert(SMALL, laid(pack_bert(SMALL, bert_weights(SMALL))), path)
        states = states_of(SMALL, 512 + 700)
        second = states[512:].copy()
        bert(states, np.array([512, 700], np.int32))
        bert(second, np.array([700], np.int32))
        assert np.array_equal(states[512:], second)
        assert np.isfinite(states).all()

    @pytest.mark.parametrize("lengths", [[1], [16], [17, 1, 95], [1] * 7, [97]])
    def test_nothing_is_written_outside_of_its_room(self, path, lengths):
        tokens, weights = sum(lengths), laid(pack_bert(SMALL, bert_weights(SMALL)))
        _, room = kernel.bert_sizes(SMALL.numbers(), tokens, max(lengths))
        scratch, states = aligned(room + 256), np.full((tokens + 2, SMALL.width), 7, np.float32)
        scratch[:] = 0xAB
        states[1:-1] = states_of(SMALL, tokens)
        lengths = np.array(lengths, np.int32)
        kernel.bert(path, SMALL.numbers(), weights, states[1:-1], lengths, scratch[:room])
        assert (scratch[room:] == 0xAB).all()
        assert (states[[0, -1]] == 7).all()

    def test_no_text(self, path):
        bert = Bert(SMALL, laid(pack_bert(SMALL, bert_weights(SMALL))), path)
        bert(np.empty((0, 128), np.float32), np.empty(0, np.int32))

    def test_threads_do_not_disturb_each_other(self, path):
        bert = Bert(SMALL, laid(pack_bert(SMALL, bert_weights(SMALL))), path)
        start, found = threading.Barrier(4), {}

        def work(which):
            start.wait()
            for _ in range(5):
                states = states_of(SMALL, 50, which % 2)
                bert(states, np.array([20, 30], np.int32))
                found.setdefault(which % 2, []).append(states)

        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(np.array_equal(states, same[0]) for same in found.values() for states in same)
        assert len(found[0]) == len(found[1]) == 10


class TestUse:
    def test_it_is_the_twin(self, path):
        lengths = [1, 3, 2, 30, 7, 1]
        packed, inputs = pack_use(use_weights()), use_inputs(lengths)
        got = Use(laid(packed), path)(*inputs, np.array(lengths, np.int32))
        wanted = twin.use(packed, *inputs, lengths)
        assert cosines(got, wanted).min() > 0.9999
        np.testing.assert_allclose(np.linalg.norm(got, axis=1), 1, atol=1e-6)

    @settings(max_examples=15, deadline=None)
    @given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=9), seed=st.integers(0, 99))
    def test_a_text_has_the_same_vector_alone_and_in_any_batch(self, lengths, seed):
        for path in PATHS[:1]:
            use = Use(laid(pack_use(use_weights())), path)
            inputs = use_inputs(lengths, seed)
            together = use(*inputs, np.array(lengths, np.int32))
            start = 0
            for vector, length in zip(together, lengths, strict=True):
                own = [np.ascontiguousarray(part[start : start + length]) for part in inputs]
                assert np.array_equal(use(*own, np.array([length], np.int32))[0], vector)
                start += length


class TestPacking:
    def test_weights_come_back_within_half_a_step(self):
        weights = np.random.default_rng(0).standard_normal((256, 64)).astype(np.float32)
        codes, scales = quantize_weights(weights, depth=128)
        back = (codes * scales[:, None]).reshape(weights.shape)
        assert (np.abs(back - weights) <= np.repeat(scales, 128, axis=0) * 0.5001).all()
        assert np.abs(codes).max() == 127

    def test_a_column_of_zeros_stays_one(self):
        codes, scales = quantize_weights(np.zeros((64, 64), np.float32), depth=64)
        assert not codes.any()
        assert (scales == 1).all()

    @pytest.mark.parametrize("shape", SHAPES, ids=str)
    def test_the_kernel_counts_the_same_bytes(self, shape):
        assert kernel.bert_sizes(shape.numbers(), 0, 0)[0] == len(pack_bert(shape, bert_weights(shape)))

    def test_and_those_of_use(self):
        assert kernel.use_sizes(0, 0)[0] == len(pack_use(use_weights()))


class TestMapped:
    def test_it_is_made_once(self, tmp_path, monkeypatch):
        monkeypatch.setenv("FIRTH_HOME", str(tmp_path))
        made = []

        def make():
            made.append(1)
            return b"12345678"

        for _ in range(2):
            assert mapped("a", 8, make).tobytes() == b"12345678"
        assert len(made) == 1

    @pytest.mark.parametrize("found", [b"", b"1234", b"123456789"])
    def test_a_file_of_another_size_is_made_again(self, tmp_path, monkeypatch, found):
        monkeypatch.setenv("FIRTH_HOME", str(tmp_path))
        (tmp_path / "cache").mkdir()
        (tmp_path / "cache" / "a").write_bytes(found)
        assert mapped("a", 8, lambda: b"12345678").tobytes() == b"12345678"


class TestChecks:
    """Nothing that does not fit reaches C."""

    @pytest.fixture
    def arguments(self):
        weights = laid(pack_bert(SMALL, bert_weights(SMALL)))
        _, room = kernel.bert_sizes(SMALL.numbers(), 9, 5)
        return [
            PATHS[0],
            SMALL.numbers(),
            weights,
            states_of(SMALL, 9),
            np.array([4, 5], np.int32),
            aligned(room),
        ]

    def test_what_fits(self, arguments):
        kernel.bert(*arguments)

    @pytest.mark.parametrize(
        ("which", "value", "message"),
        [
            (0, "amx", "path"),
            (1, (128, 192, 2, 3, 64, 1, 1e-12), "shape"),
            (1, (128, 192, 2, 4, 0, 1, 1e-12), "multiples of 64"),
            (1, (128, 192, 0, 4, 64, 1, 1e-12), "shape"),
            (1, (-128, 192, 2, 4, 64, 1, 1e-12), "multiples of 64"),
            (1, (128, 192, 3, 4, 64, 1, 1e-12), "weights"),
            (1, (128, 192, 2, 4, 64, 3, 1e-12), "shape"),
            (2, aligned(64), "weights"),
            (3, np.zeros((8, 128), np.float32), "states"),
            (3, np.zeros((9, 128), np.float64), "states"),
            (4, np.array([4, 6], np.int32), "scratch|states"),
            (4, np.array([9, 0], np.int32), "at least 1"),
            (4, np.array([10, -1], np.int32), "at least 1"),
            (4, np.array([4, 5], np.int64), "lengths"),
            (4, np.full(3, 2**31 - 1, np.int32), "1,048,576"),
            (5, aligned(64), "scratch"),
            (5, aligned(1 << 20)[1:], "multiple of 64"),
        ],
    )
    def test_what_does_not(self, arguments, which, value, message):
        arguments[which] = value
        with pytest.raises(ValueError, match=message):
            kernel.bert(*arguments)

    def test_arrays_that_may_not_be_written(self, arguments):
        arguments[3].flags.writeable = False
        with pytest.raises((BufferError, ValueError)):
            kernel.bert(*arguments)

    def test_sizes_out_of_range(self):
        for tokens, longest in [(-1, 0), (1 << 30, 1), (3, 4)]:
            with pytest.raises(ValueError, match="range"):
                kernel.bert_sizes(SMALL.numbers(), tokens, longest)
        with pytest.raises(ValueError, match="range"):
            kernel.use_sizes(-1, 0)

    @pytest.mark.parametrize("heads", [0, 1, 3, 32])
    def test_heads_that_attention_has_no_room_for(self, heads):
        shape = BertShape(layers=1, width=256, inner=256, heads=heads, depth=256)
        with pytest.raises(ValueError, match="shape"):
            kernel.bert_sizes(shape.numbers(), 1, 1)


class TestChoice:
    def test_the_fastest_comes_first_and_plain_c_last(self):
        assert PATHS[-1] == "plain"

    def test_without_a_setting_it_is_the_fastest(self, monkeypatch):
        monkeypatch.delenv("FIRTH_KERNEL", raising=False)
        best = PATHS[0] if len(PATHS) > 1 else None
        assert best_path() == best
        assert best is None or in_words() == f"kernel: {best}"

    def test_one_may_be_asked_for(self, monkeypatch, path):
        monkeypatch.setenv("FIRTH_KERNEL", path)
        assert best_path() == path

    def test_off(self, monkeypatch):
        monkeypatch.setenv("FIRTH_KERNEL", "off")
        assert best_path() is None
        assert "ONNX Runtime" in in_words()

    def test_one_that_is_not_there(self, monkeypatch):
        monkeypatch.setenv("FIRTH_KERNEL", "amx")
        with pytest.raises(UnknownNameError, match="plain, off"):
            best_path()

    def test_plain_c_alone_is_not_taken_unless_asked_for(self, monkeypatch):
        monkeypatch.delenv("FIRTH_KERNEL", raising=False)
        monkeypatch.setattr("firth.kernel.paths.kernel_paths", lambda: ("plain",))
        assert best_path() is None
        assert "none for this processor" in in_words()
        monkeypatch.setenv("FIRTH_KERNEL", "plain")
        assert best_path() == "plain"

    def test_where_none_was_built(self, monkeypatch):
        monkeypatch.delenv("FIRTH_KERNEL", raising=False)
        monkeypatch.setitem(__import__("sys").modules, "firth.kernel._encode", None)
        assert kernel_paths() == ()
        assert best_path() is None
        assert "not built" in in_words()


@pytest.mark.skipif(os.environ.get("FIRTH_PATHS") is None, reason="names the paths that must be there")
def test_the_paths_that_must_be_there():
    assert set(os.environ["FIRTH_PATHS"].split(",")) <= set(PATHS)
