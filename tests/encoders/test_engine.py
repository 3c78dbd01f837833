"""The engine runs the graphs of this package, and no others."""

import os
import subprocess
import sys

import numpy as np
import pytest

from firth.kernel.threads import cores


@pytest.fixture
def fresh():
    cores.cache_clear()
    yield
    cores.cache_clear()


def test_as_many_threads_as_cores_we_may_use(fresh, monkeypatch):
    monkeypatch.delenv("FIRTH_THREADS", raising=False)
    assert 1 <= cores() <= os.cpu_count()


@pytest.mark.parametrize(("setting", "threads"), [("1", 1), ("7", 7), ("0", 1)])
def test_a_person_may_say_how_many(fresh, monkeypatch, setting, threads):
    monkeypatch.setenv("FIRTH_THREADS", setting)
    assert cores() == threads


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no CPU affinity on this system")
def test_it_keeps_to_the_cores_it_is_given():
    script = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
    script += "from firth.kernel.threads import cores; print(cores())"
    environment = {name: value for name, value in os.environ.items() if name != "FIRTH_THREADS"}
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    assert run.stdout.strip() == "1"


def test_threads_do_not_change_the_vectors(use):
    script = "from firth.encoders import encoder; import sys\n"
    script += "sys.stdout.buffer.write(encoder('use').encode(['apple', '我吃蘋果']).tobytes())"
    for threads in ("1", "3"):
        environment = {**os.environ, "FIRTH_THREADS": threads}
        run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=environment)
        vectors = np.frombuffer(run.stdout, np.float32).reshape(2, 512)
        np.testing.assert_allclose(vectors, use.encode(["apple", "我吃蘋果"]), atol=2e-6)
