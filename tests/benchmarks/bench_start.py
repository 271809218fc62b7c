"""From the start of the process to the first paint of the window, beside what importing the model libraries takes."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 7
LIMIT = 1 / 6
CODE = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QEvent, QObject, QTimer
from scumble.app.window import build
from scumble.settings.paths import Paths

class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, program.app.quit)
        return False

home = Path(sys.argv[1])
program = build(Paths(home / "data", home / "config", home / "cache"))
watch = FirstPaint()
program.window.installEventFilter(watch)
program.window.show()
program.app.exec()
assert not {"torch", "diffusers", "transformers"} & set(sys.modules)
print(time.monotonic())
program.close()
"""
PEER = "import torch, diffusers, time; print(time.monotonic())"
VERSION = "import scumble.__main__, time; print(time.monotonic())"


def seconds(code: str) -> float:
    """From before the process starts to the moment that it prints."""
    with tempfile.TemporaryDirectory() as home:
        begin = time.monotonic()
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(
            [sys.executable, "-c", code, home], env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        return float(done.stdout.split()[-1]) - begin


def run() -> list[dict[str, object]]:
    """Runs both in turn, so that a drift of the machine's speed strikes both."""
    seconds(CODE), seconds(PEER)
    pairs = [(seconds(CODE), seconds(PEER)) for _ in range(RUNS)]
    ratios = sorted(ours / peer for ours, peer in pairs)
    paints = sorted(ours for ours, _ in pairs)
    version = statistics.median(seconds(VERSION) for _ in range(RUNS))
    value = statistics.median(ratios)
    return [
        {
            "name": "start.first_paint",
            "value": value,
            "unit": "ratio to importing torch and diffusers",
            "limit": round(LIMIT, 3),
            "better": "lower",
            "holds": value <= LIMIT,
            "p50": statistics.median(paints),
            "p99": paints[-1],
            "peer": f"torch and diffusers: {statistics.median(peer for _, peer in pairs):.2f} s",
        },
        {
            "name": "start.command_line",
            "value": version,
            "unit": "s until a command can be read",
            "limit": None,
            "better": "lower",
            "holds": True,
            "p50": version,
            "p99": version,
            "peer": "",
        },
    ]
