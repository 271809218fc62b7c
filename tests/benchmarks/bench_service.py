"""Does the window keep its beat while the engine computes, and what does a picture cost on its way through the pipe?"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from measuring import row
from PySide6.QtCore import QElapsedTimer, QEventLoop, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from scumble.api import ToolJob
from scumble.protocol import Finished, FrameReader, ToWindow
from scumble.service import EngineSettings, ModelService

BEAT_MS = 16
BEATS_S = 6.0
SHAPE = (4096, 4096, 4)
ROUNDS = 15

MANIFEST = """
manifest = 1
[plugin]
id = "org.example.load"
title = "Load"
runtime = "bench_load.runtime"
[[tools]]
id = "load"
title = "Load"
model = false
"""

RUNTIME = """
import numpy as np, torch
from scumble.api import Candidate, ToolResult, hookimpl

@hookimpl
def scumble_run_tool(job, context):
    layers = torch.nn.Sequential(*[torch.nn.Conv2d(64, 64, 3, padding=1) for _ in range(8)])
    values = torch.randn(2, 64, 64, 64)
    with torch.no_grad():
        for step in range(1_000_000):
            layers(values)
            context.progress(step, 1_000_000, np.zeros((64, 64, 3), np.uint8))
"""

FRAMES = """
import sys, numpy as np
from scumble.protocol import CandidateBlob, Finished, FrameWriter
writer = FrameWriter(open(1, "wb", buffering=0))
picture = np.full({shape}, 9, np.uint8)
for line in sys.stdin:
    writer.write(Finished(job="j", candidates=(CandidateBlob(0),)), [picture])
"""

BYTES = """
import sys, numpy as np
sink = open(1, "wb", buffering=0)
picture = np.full({shape}, 9, np.uint8)
for line in sys.stdin:
    view = picture.reshape(-1).data
    while view:
        view = view[sink.write(view):]
"""


def run() -> list[dict[str, object]]:
    """The rows of this suite."""
    return [_beat(), *_hand_over()]


def _beat() -> dict[str, object]:
    app = QGuiApplication.instance() or QGuiApplication(["bench", "-platform", "offscreen"])
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        install(home / "plugins", "load", MANIFEST, RUNTIME)
        service = ModelService(EngineSettings(home / "home", home / "plugins"))
        service.start()
        service.submit(ToolJob("load", "org.example.load", "load", {}, {}, (64, 64)))
        loop = QEventLoop()
        service.progress.connect(loop.quit)
        loop.exec()
        busy = _intervals()
        service.shutdown()
        idle = _intervals()
    del app
    ratio = _p99(busy) / _p99(idle)
    unit = f"p99 of a {BEAT_MS}-ms timer, ratio to idle"
    return row("service.beat_while_a_job_runs", ratio, unit, 1.5, busy, f"idle p99 {_p99(idle):.1f} ms")


def _intervals() -> list[float]:
    gaps: list[float] = []
    clock, timer, loop = QElapsedTimer(), QTimer(), QEventLoop()
    timer.setTimerType(Qt.TimerType.PreciseTimer)

    def tick() -> None:
        gaps.append(clock.nsecsElapsed() / 1e6)
        clock.restart()

    timer.timeout.connect(tick)
    QTimer.singleShot(int(BEATS_S * 1000), loop.quit)
    clock.start()
    timer.start(BEAT_MS)
    loop.exec()
    timer.stop()
    return gaps[1:]


def _p99(values: list[float]) -> float:
    return float(np.percentile(values, 99))


def _hand_over() -> list[dict[str, object]]:
    """64 MiB through a pipe: as a frame, as bare bytes, and the copy that no road can do without."""
    size = int(np.prod(SHAPE))
    buffer = np.empty(size, np.uint8)

    def bare(stream: object) -> None:
        view = buffer.data
        while view:
            view = view[stream.readinto(view) :]  # type: ignore[attr-defined]

    def framed(stream: object) -> None:
        frame = FrameReader[Finished](stream, ToWindow).read()  # type: ignore[arg-type]
        assert frame is not None
        assert frame.blob(0).shape == SHAPE

    frames = _timed(FRAMES, framed)
    plain = _timed(BYTES, bare)
    source = np.ones(SHAPE, np.uint8)
    copies = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        source.copy()
        copies.append((time.perf_counter() - begun) * 1000)
    return [
        _row("service.frame_64MiB", frames, plain, 1.5, "ratio to bare bytes through a pipe"),
        _row("service.frame_64MiB_to_copy", frames, copies, 12.5, "ratio to a copy in memory"),
    ]


def _row(name: str, times: list[float], base: list[float], limit: float, unit: str) -> dict[str, object]:
    # the fastest of each: what else the machine does is not what is measured
    ratio = min(times) / min(base)
    return row(name, ratio, unit, limit, times, f"{min(times):.1f} ms to {min(base):.1f} ms")


def _timed(child: str, receive: object) -> list[float]:
    command = [sys.executable, "-c", child.format(shape=SHAPE)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    assert process.stdin is not None
    assert process.stdout is not None
    if sys.platform == "linux":
        import fcntl

        fcntl.fcntl(process.stdout.fileno(), fcntl.F_SETPIPE_SZ, 1 << 20)
    times = []
    with process.stdout, process.stdin:
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            process.stdin.write(b"\n")
            receive(process.stdout)  # type: ignore[operator]
            times.append((time.perf_counter() - begun) * 1000)
    process.wait()
    return times[1:]


def install(folder: Path, name: str, manifest: str, runtime: str) -> None:
    """Puts the plugin `org.example.<name>`, the package `bench_<name>`, where the installer would have put it."""
    code = folder / f"org.example.{name}" / "1.0" / f"bench_{name}"
    code.mkdir(parents=True)
    (folder / f"org.example.{name}" / "current").write_text("1.0")
    (code / "__init__.py").write_text("")
    (code / "scumble.toml").write_text(manifest)
    (code / "runtime.py").write_text(runtime)
    info = code.parent / f"bench_{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: bench_{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[scumble.plugins]\n{name} = bench_{name}\n")
