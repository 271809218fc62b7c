"""A short afternoon on a real X display of 1280 × 720: open, select, heal, change one's mind, save, open again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What the person saw."""
    server = shutil.which("Xvfb")
    if shutil.which("xdotool") is None or server is None:
        pytest.skip("without Xvfb and xdotool nobody moves the pointer")
    home = tmp_path_factory.mktemp("afternoon")
    read, write = os.pipe()
    command = [server, "-displayfd", str(write), "-screen", "0", "1280x720x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        os.close(write)
        with os.fdopen(read) as numbers:
            display = f":{numbers.readline().strip()}"
        environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": "1"}
        script = Path(__file__).with_name("app_afternoon.py")
        done = subprocess.run(
            [sys.executable, str(script), str(home)], env=environment, capture_output=True, text=True, timeout=280
        )
        process.terminate()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_window_fits_and_begins_with_a_new_picture(seen):
    assert seen["height"] == 720
    assert seen["first"].startswith("New")


def test_delete_lets_a_candidate_go_and_touches_no_pixel(seen):
    assert seen["let go"]


def test_what_is_healed_is_healed_and_the_rest_left_alone(seen):
    assert seen["compared"]
    assert seen["healed"] < 130
    assert seen["outside"] == 0


def test_it_is_the_same_when_it_is_opened_again(seen):
    assert seen["same again"]
