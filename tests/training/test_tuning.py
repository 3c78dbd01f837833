"""The picture network in torch: it is the ONNX graph's, it learns, and what it learned needs no torch."""

from dataclasses import replace

import numpy as np
import pytest

import firth
from firth import sample
from firth.encoders import encoder
from firth.encoders.joint_folder import read_tower
from firth.encoders.lite0 import prepared
from firth.errors import MissingExtraError
from firth.training import Listener, Settings
from firth.training.network import BLOCKS, TorchLite0

PICTURES = [sample.path() / f"pictures/{name}.png" for name in ("emoji-1f34e", "clipart-tiger")]
FULL = Settings(
    mode="full", epochs=1, network_epochs=2, views=0, hidden=8, batch=16, blocks=1, network_rate=1e-3
)
HOW = {"image": "file", "text": ["en", "zh"], "towers": "use"}


@pytest.fixture
def pixels():
    return np.stack([prepared(path) for path in PICTURES])


def test_it_is_the_graph_s_network(pixels):
    pytest.importorskip("torch")
    features, logits = encoder("lite0").run(PICTURES)
    seen = TorchLite0(encoder("lite0").weights(), learning=4, device="cpu")(pixels)
    np.testing.assert_allclose(seen[0].detach().numpy(), features, atol=1e-4)
    np.testing.assert_allclose(seen[1].detach().numpy(), logits, atol=1e-4)


@pytest.mark.parametrize(("blocks", "learning"), [(1, 8), (4, 26), (BLOCKS, 98), (99, 98)])
def test_the_last_blocks_learn(blocks, learning):
    pytest.importorskip("torch")
    network = TorchLite0(encoder("lite0").weights(), learning=blocks, device="cpu")
    assert len(network.learning) == learning
    assert not [name for name in network.learning if name.startswith("fc")]
    assert all(network.weights[name].requires_grad == (name in network.learning) for name in network.weights)


def test_without_torch_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"firth\[train\]"):
        TorchLite0(encoder("lite0").weights(), learning=1, device="cpu")


@pytest.fixture
def few(emoji_table):
    """Its first 26 rows: torch takes its time."""
    table = emoji_table.with_name("few.csv")
    table.write_text("\n".join(emoji_table.read_text("utf-8").splitlines()[:27]), "utf-8")
    return table


class Losses(Listener):
    def __init__(self):
        self.epochs = []

    def epoch(self, epoch):
        self.epochs.append(epoch)


@pytest.mark.slow
def test_tuned_from_a_table_to_a_folder(few, tmp_path):
    pytest.importorskip("torch")
    listener = Losses()
    settings = replace(FULL, network_epochs=4, patience=99, epochs=0, drop=0.0, scale=10.0)
    report = firth.train.pairs(few, tmp_path, settings=settings, listener=listener, **HOW)
    tuned = [epoch for epoch in listener.epochs if epoch.of == 4]
    assert len(tuned) == 4
    assert tuned[-1].loss < tuned[0].loss
    tower = read_tower(tmp_path, "use")
    assert bool(tower.network) == any(epoch.best for epoch in tuned)
    joint = encoder(str(tmp_path))
    assert np.isfinite(joint.encode(PICTURES)).all()
    assert report.towers[0].after


@pytest.mark.slow
def test_stopped_and_gone_on(few, tmp_path):
    pytest.importorskip("torch")

    class Stop(Listener):
        def epoch(self, epoch):
            if epoch.of == FULL.network_epochs and epoch.number == 1:
                raise KeyboardInterrupt

    whole = firth.train.pairs(few, tmp_path / "whole", settings=FULL, **HOW)
    stopped = firth.train.pairs(few, tmp_path / "twice", settings=FULL, listener=Stop(), **HOW)
    assert stopped.stopped
    again = firth.train.pairs(few, tmp_path / "twice", settings=FULL, **HOW)
    assert not again.stopped
    assert again.towers[0].best_epoch == whole.towers[0].best_epoch
    ours, theirs = (read_tower(tmp_path / name, "use").arrays for name in ("whole", "twice"))
    np.testing.assert_allclose(ours["w"], theirs["w"], atol=1e-3)
