"""Converted weights are written after the job, in the background, whole or not at all."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import torch

from scumble.engine.models import weights
from scumble.engine.models.keeping import WeightKeeper
from scumble.engine.models.weights import WeightCache

KILLED = """
import sys, torch
from pathlib import Path
from scumble.engine.models import weights
from scumble.engine.models.keeping import WeightKeeper

weights.PIECE = 1 << 20
keeper = WeightKeeper(weights.WeightCache(Path(sys.argv[1]), spare=0, smallest=0))
keeper.put("model", {"unet": {str(index): torch.ones(1 << 18) for index in range(400)}})
keeper.go_on()
keeper.wait(60)
"""


@pytest.fixture
def small_pieces(monkeypatch):
    """A file a tensor."""
    monkeypatch.setattr(weights, "PIECE", 1)


def parts(count):
    """A component of so many tensors."""
    return {"unet": {f"layer{index}": torch.full((4, 2, 3, 3), float(index)) for index in range(count)}}


def cache_in(folder):
    return WeightCache(folder, spare=0, smallest=0)


def test_a_component_in_several_files_comes_back_whole(tmp_path, small_pieces):
    cache = cache_in(tmp_path)
    cache.write("model", parts(5))
    assert len(list((tmp_path / "model").glob("unet-*.safetensors"))) == 5
    found = cache.read("model")
    assert found is not None
    assert {name: float(tensor.mean()) for name, tensor in found["unet"].items()} == {
        f"layer{index}": float(index) for index in range(5)
    }


def test_a_job_makes_the_writing_wait_and_what_was_begun_is_finished_after_it(tmp_path, small_pieces):
    keeper, begun = WeightKeeper(cache_in(tmp_path)), threading.Event()
    write = weights._write
    seen = []

    def slowly(path, part):
        write(path, part)
        seen.append(path)
        if len(seen) == 2:
            keeper.pause()
            begun.set()

    weights._write = slowly
    try:
        keeper.put("model", parts(6))
        assert not keeper.wait(0.05)
        assert not seen, "nothing is written while a job runs"
        keeper.go_on()
        assert begun.wait(60)
        assert not keeper.wait(0.2)
        assert len(seen) == 2
        keeper.go_on()
        assert keeper.wait(60)
    finally:
        weights._write = write
    assert cache_in(tmp_path).read("model") is not None


def test_what_is_given_up_in_the_middle_leaves_nothing(tmp_path, small_pieces):
    keeper, begun = WeightKeeper(cache_in(tmp_path)), threading.Event()
    write = weights._write

    def stops(path, part):
        write(path, part)
        keeper.pause()
        begun.set()

    weights._write = stops
    try:
        keeper.put("model", parts(6))
        keeper.go_on()
        assert begun.wait(60)
        keeper.drop()
        assert keeper.wait(60)
    finally:
        weights._write = write
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_leaves_nothing(tmp_path, small_pieces, monkeypatch):
    write, count = weights._write, []

    def full(path, part):
        count.append(path)
        if len(count) == 3:
            raise OSError(28, "No space left on device")
        write(path, part)

    monkeypatch.setattr(weights, "_write", full)
    cache = cache_in(tmp_path)
    cache.write("model", parts(6))
    assert cache.read("model") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no signal kills there")
def test_a_kill_in_the_middle_leaves_nothing_that_is_read_and_is_cleared_away_later(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)])
    deadline = time.monotonic() + 120
    while len(list(tmp_path.glob("*.new/*"))) < 2 and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait()
    (left,) = tmp_path.iterdir()
    assert left.name.endswith(".new"), "it was killed too late"
    cache = cache_in(tmp_path)
    assert cache.read("model") is None
    cache.write("other", parts(1))
    assert left.exists(), "another engine may be writing it just now"
    for path in (*left.iterdir(), left):
        os.utime(path, (1, 1))
    cache.write("model", parts(2))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "other"]
    assert cache.read("model") is not None


def test_what_cannot_be_looked_at_does_not_end_a_job(tmp_path):
    for key in ("first", "second"):
        cache_in(tmp_path).write(key, parts(1))
    (tmp_path / "first" / "gone.safetensors").symlink_to(tmp_path / "nowhere")
    (tmp_path / "second" / "whole").unlink()
    (tmp_path / "second" / "whole").symlink_to("whole")
    (tmp_path / "third").symlink_to(tmp_path / "nowhere")
    cache_in(tmp_path).write("model", parts(2))
    assert cache_in(tmp_path).read("model") is not None
    WeightCache(tmp_path, budget=3000, spare=0, smallest=0).write("large", parts(8))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["large", "second", "third"]
