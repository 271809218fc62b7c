"""What service, protocol and previews add to a job: its whole road from the window and back, with its previews,
against the bare work of the model, timed inside the same engine."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from bench_service import install
from measuring import row
from PySide6.QtCore import QElapsedTimer, QEventLoop
from PySide6.QtGui import QGuiApplication

from scumble.api import ToolJob
from scumble.service import EngineSettings, ModelService

ROUNDS = 8
STEPS = 20
SIZE = (128, 128)
PROMPT = "a red cup on a table"
SHARE, FIXED_MS = 0.03, 30.0

MANIFEST = """
manifest = 1
[plugin]
id = "org.example.bare"
title = "Bare"
runtime = "bench_bare.runtime"
[[tools]]
id = "bare"
title = "Bare"
[tools.params.steps]
type = "integer"
title = "Steps"
default = 20
minimum = 1
maximum = 100
"""

RUNTIME = f"""
import time
from scumble.api import Candidate, ToolResult, hookimpl

@hookimpl
def scumble_run_tool(job, context):
    model = context.model
    begun = time.perf_counter()
    states = model.encode_prompt({PROMPT!r})
    latent = model.denoise(states, size=job.size, seeds=[1], steps=job.integer("steps"), guidance=5.0)
    picture = model.decode(latent)[0]
    context.metric("seconds", 0, time.perf_counter() - begun)
    return ToolResult((Candidate(picture, 1),))
"""


def run() -> list[dict[str, Any]]:
    """The rows: bare jobs and whole ones take turns, so that a busy machine slows both alike."""
    app = QGuiApplication.instance() or QGuiApplication(["bench", "-platform", "offscreen"])
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        install(home / "plugins", "bare", MANIFEST, RUNTIME)
        service = ModelService(EngineSettings(home / "home", home / "plugins"))
        service.start()
        jobs = Jobs(service)
        long, short = jobs.overheads(STEPS), jobs.overheads(1)
        service.shutdown()
    del app
    share = statistics.median(over / bare for over, bare in long)
    fixed = statistics.median(over for over, _ in short)
    took = statistics.median(bare for _, bare in long)
    return [
        told("service.overhead_20_steps", share, "ratio to the bare work of the starter model", SHARE, long, took),
        told("service.overhead_of_a_step", fixed, "ms, a job of one step", FIXED_MS, short, took),
    ]


class Jobs:
    """Runs jobs to their ends, one at a time."""

    def __init__(self, service: ModelService) -> None:
        self._service = service
        self._count = 0
        self._bare = 0.0
        self._loop = QEventLoop()
        service.metric.connect(self._timed)
        service.finished.connect(self._end)
        service.failed.connect(self._fail)

    def overheads(self, steps: int) -> list[tuple[float, float]]:
        """What a whole job of so many steps takes beyond the bare work, and that work, in ms, for each round but the
        first two."""
        pairs = []
        for _ in range(ROUNDS + 2):
            self._run("org.example.bare", "bare", {"steps": steps})
            whole = self._run("org.scumble.txt2img", "txt2img", {"steps": steps, "prompt": PROMPT, "seed": 1})
            pairs.append((whole - self._bare, self._bare))
        return pairs[2:]

    def _run(self, plugin: str, tool: str, params: dict[str, Any]) -> float:
        self._count += 1
        clock = QElapsedTimer()
        clock.start()
        self._service.submit(ToolJob(str(self._count), plugin, tool, params, {}, SIZE, "starter_model"))
        self._loop.exec()
        return clock.nsecsElapsed() / 1e6

    def _timed(self, job: str, name: str, step: int, value: float) -> None:
        self._bare = value * 1e3

    def _end(self, job: str, result: object) -> None:
        self._loop.quit()

    def _fail(self, job: str, failure: object) -> None:
        raise SystemExit(f"{job} failed: {failure}")


def told(
    name: str, value: float, unit: str, limit: float, pairs: list[tuple[float, float]], bare: float
) -> dict[str, Any]:
    """A figure that should be small; p50 and p99 are the overheads in ms."""
    overheads = [over for over, _ in pairs]
    return row(name, value, unit, limit, overheads, f"the bare work of {STEPS} steps: {bare:.0f} ms")
