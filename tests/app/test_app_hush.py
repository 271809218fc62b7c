"""Offscreen, Qt's remark at every window is kept off the terminal, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
from PySide6.QtCore import qWarning
from PySide6.QtWidgets import QWidget
from scumble.app.window import application

app = application()
widget = QWidget()
widget.setMinimumSize(50, 50)
widget.show()
app.processEvents()
qWarning("something else")
"""


def test_only_the_harmless_remark_is_dropped() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == "something else\n"
