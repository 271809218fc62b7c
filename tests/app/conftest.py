"""What can be tested where, and a person's place before a real screen."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

collect_ignore = [] if sys.platform.startswith("linux") else ["test_app_real_display.py"]  # X is Linux's


@pytest.fixture(scope="session")
def at_a_desk(x_server):
    """Runs a script of this folder on an X display of its own, whose pointer and keys xdotool moves, and gives the
    lines that it printed."""

    def run(script: str, size: str, *arguments: Path, seconds: float) -> list[str]:
        if shutil.which("xdotool") is None:
            pytest.skip("xdotool is not installed, and without it nobody moves the pointer")
        command = [sys.executable, str(Path(__file__).with_name(script)), *map(str, arguments)]
        with x_server(size) as display:
            environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": "1"}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run
