"""Where the time of adding pictures goes; started by whole_way.py --pictures FOLDER."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

import firth
from firth.data.pictures import PICTURES, load_picture, thumbnail
from firth.encoders.lite0 import BATCH, Lite0, prepared
from firth.errors import UnreadableError
from firth.kernel.threads import cores

MOST = 400
"""Pictures that the steps are measured with; the whole takes them all."""


def steps(folder: Path, *, rounds: int) -> None:
    """CPU time of each step, one after the other; then the whole, `firth.open(...).add(folder)`, beside their sum."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES)
    some = [path for path in files[:: max(1, len(files) // MOST)][:MOST] if readable(path)]
    network = Lite0()
    network.run([np.zeros((224, 224, 3), np.uint8)])
    data = [path.read_bytes() for path in some]
    pixels = [load_picture(each) for each in data]
    ready = [prepared(each) for each in pixels]
    measured = {
        "read": lambda: [path.read_bytes() for path in some],
        "decode, as small as may be": lambda: [load_picture(each) for each in data],
        "thumbnail": lambda: [thumbnail(each) for each in pixels],
        "frame and resize": lambda: [prepared(each) for each in pixels],
        "network": lambda: run(network, ready),
    }
    times = medians(
        {**measured, "(decode by Pillow, full size)": lambda: [plain(each) for each in data]}, rounds
    )
    whole = sum(times[name] for name in measured)
    print(f"{len(some)} pictures, {len(files)} in all, {sum(map(len, data)) / len(data) / 1024:,.0f} kB each")
    print(f"{'step':<32} {'ms CPU':>7} {'share':>6} {'a CPU second':>13}")
    for name, taken in times.items():
        each = taken / len(some)
        share = f"{taken / whole:>6.0%}" if name in measured else " " * 6
        print(f"{name:<32} {each * 1e3:>7.2f} {share} {1 / each:>13,.0f}")
    print(f"bottleneck: {max(measured, key=lambda name: times[name])}")
    bound = cores() * len(some) / whole
    wall, cpu = adding(folder, rounds)
    print(f"add, {len(files)} files, {cores()} threads: {len(files) / wall:,.0f} pictures/s,", end=" ")
    print(f"{len(files) / cpu:,.0f} a CPU second; the steps alone allow {bound:,.0f} a second", flush=True)


def readable(path: Path) -> bool:
    try:
        load_picture(path)
    except UnreadableError:
        return False
    return True


def run(network: Lite0, pictures: Sequence[Any]) -> None:
    for start in range(0, len(pictures), BATCH):
        network._engine(["features", "logits"], x=np.stack(pictures[start : start + BATCH]))


def plain(data: bytes) -> Any:
    from PIL import Image

    return np.asarray(Image.open(BytesIO(data)).convert("RGB"))


def medians(measured: dict[str, Callable[[], Iterable[Any] | None]], rounds: int) -> dict[str, float]:
    """CPU seconds of each, rounds interleaved."""
    taken: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, step in measured.items():
            start = time.process_time()
            step()
            taken[name].append(time.process_time() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def adding(folder: Path, rounds: int) -> tuple[float, float]:
    """Seconds, and CPU seconds, in which a new collection takes the folder."""
    from PIL import Image

    walls, cpus = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as home:
            os.environ["FIRTH_HOME"] = home
            collection = firth.open(f"{home}/pictures", model="use")
            collection.add([Image.new("RGB", (64, 64), "red")])  # loads the encoders
            wall, cpu = time.perf_counter(), time.process_time()
            collection.add(folder)
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
    return statistics.median(walls), statistics.median(cpus)
