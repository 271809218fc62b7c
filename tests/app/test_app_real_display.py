"""The window on a real X display, at the scales that screens have."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SCRIPT = """
import sys
from pathlib import Path
from PySide6.QtTest import QTest
from scumble.app.window import build
from scumble.settings.paths import Paths
from scumble.ui.dialogs.new_picture import NewPicture

home, shot = Path(sys.argv[1]), sys.argv[2]
program = build(Paths(home / "data", home / "config", home / "cache"), service=False)
window = program.window
window.resize(1200, 760)
window.show()
QTest.qWaitForWindowExposed(window)
program.finish()
program.files.create(NewPicture(300, 200, (0.2, 0.5, 0.8)))
QTest.qWait(300)
canvas = window.canvas
middle = canvas.viewport.to_view(150, 100).toPoint()
window.tools.set_tool("brush")
from PySide6.QtCore import Qt, QPoint
QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
for step in range(1, 12):
    QTest.mouseMove(canvas, middle + QPoint(step * 4, 0))
QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle + QPoint(44, 0))
QTest.qWait(100)
print(program.app.platformName(), window.devicePixelRatio(), window.session.document.history.position)
window.screen().grabWindow(window.winId()).save(shot)
program.close()
assert not {"torch", "diffusers", "transformers"} & set(sys.modules)
"""


@pytest.fixture(scope="module")
def screen(x_server: Callable[[str], AbstractContextManager[str]]) -> Iterator[str]:
    """The name of a virtual display of our own. The bootstrap installs the server that it needs."""
    with x_server("2600x1700") as name:
        yield name


@pytest.mark.parametrize("scale", ["1", "1.5", "2"])
def test_the_window_paints_at_every_scale(screen: str, scale: str, tmp_path: Path) -> None:
    shot = tmp_path / "shot.png"
    environment = {**os.environ, "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": scale}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path), str(shot)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["xcb", str(float(scale)), "1"]
    with Image.open(shot) as picture:
        pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    assert len(pixels) == round(1200 * float(scale)) * round(760 * float(scale))
    blue = (np.abs(pixels.astype(int) - (51, 128, 204)).max(axis=1) <= 1).sum()
    assert blue > 0.9 * 300 * 200, "the picture is not on the screen"
    black = (pixels.max(axis=1) < 8).sum()
    assert black > 200, "the stroke is not on the screen"
