"""A fill in two passes through the real engine, with the starter model."""

from pathlib import Path

import numpy as np
import psutil
import pytest

from scumble.document import Rect
from scumble.generation import first_pass
from scumble.render import flatten
from scumble.service import EngineSettings, ModelService


@pytest.fixture
def engine(qapp, plugin_folder, tmp_path):
    made = ModelService(EngineSettings(tmp_path, plugin_folder, threads=2))
    made.start()
    yield made
    made.shutdown()


def peak(process: psutil.Process) -> int:
    """The most bytes that a process has held."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")
def test_a_large_selection_is_filled_in_two_passes(make_bench, engine):
    bench = make_bench(engine)
    bench.open(width=400, height=320)
    bench.select(140, 100, 120, 100)
    seen = flatten(bench.document.snapshot(), bench.document.bounds)
    bench.wait(lambda: bool(bench.generation.dock.models), 60, "the list of models")
    bench.pick("inpaint", steps=2, prompt="a red cup")
    presenter = bench.generation.presenters[bench.session]
    bench.wait(lambda: presenter.parts and not presenter._timer.isActive(), 20, "the context box")
    (part,) = presenter.parts
    assert part.region.size == (part.region.box.width, part.region.box.height)
    assert part.region.first == first_pass(part.region.size, 128) != (0, 0)
    assert "in two passes" in presenter.context.seen[0].label
    _, foretold = bench.generation.forecasts.foretell(bench.generation.dock.wish(), [part])
    bench.generation.generate()
    job = bench.asked()
    assert job.prepared.job.first == part.region.first
    bench.wait(lambda: not bench.generation.board.jobs, 120, "the job")
    (result,) = bench.generation.candidates.offered
    assert result.candidate.image.shape[1::-1] == part.region.size
    held = max(peak(process) for process in psutil.Process().children(recursive=True))
    assert held / 2 < foretold < held * 2
    bench.generation.candidates.apply(result)
    after = flatten(bench.document.snapshot(), bench.document.bounds)
    changed = (after != seen).any(axis=2)
    affected = np.zeros(changed.shape, bool)
    affected[result.prepared.affected.slices(Rect(0, 0, 400, 320))] = True
    assert changed[100:200, 140:260].mean() > 0.5
    assert not (changed & ~affected).any()
