"""From the start of the process to the first paint of the window, beside what importing the model libraries takes."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

from measuring import Row, row

RUNS = 7
LIMIT = 1 / 6
CODE = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QTimer
from scumble.app import start
from scumble.settings.paths import Paths

home = Path(sys.argv[1])
frame = start.open_frame(Paths(home / "data", home / "config", home / "cache"))
def painted():
    assert not {"torch", "diffusers", "transformers"} & set(sys.modules)
    print(time.monotonic())
    close = start.fill(frame, [])
    start.AfterFirstPaint(frame.window, lambda: (print(time.monotonic()), frame.app.quit()))
    frame.window.update()
    closing.append(close)
closing = []
start.AfterFirstPaint(frame.window, painted)
frame.window.show()
frame.app.exec()
assert not {"torch", "diffusers", "transformers"} & set(sys.modules)
closing[0]()
"""
PEER = "import torch, diffusers, time; print(time.monotonic())"
VERSION = "import scumble.__main__, time; print(time.monotonic())"


def seconds(code: str, line: int = 0) -> float:
    """From before the process starts to the moment whose clock it prints in a line."""
    with tempfile.TemporaryDirectory() as home:
        begin = time.monotonic()
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(
            [sys.executable, "-c", code, home], env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        return float(done.stdout.split()[line]) - begin


def run() -> list[Row]:
    """Runs both in turn, so that a drift of the machine's speed strikes both."""
    seconds(CODE), seconds(PEER)
    pairs = [(seconds(CODE), seconds(PEER)) for _ in range(RUNS)]
    ratios = sorted(ours / peer for ours, peer in pairs)
    paints = sorted(ours for ours, _ in pairs)
    ready = sorted(seconds(CODE, 1) for _ in range(RUNS))
    version = statistics.median(seconds(VERSION) for _ in range(RUNS))
    value = statistics.median(ratios)
    peer = f"torch and diffusers: {statistics.median(peer for _, peer in pairs):.2f} s"
    return [
        row("start.first_paint", value, "ratio to importing torch and diffusers", round(LIMIT, 3), paints, peer),
        row("start.ready", statistics.median(ready), "s until menus, docks and all are painted", None, ready),
        row("start.command_line", version, "s until a command can be read", None, [version]),
    ]
