"""Every tool on a real X display, with keys and pointer from the server."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from scumble.ui.toolbox import TOOLBOX


@pytest.fixture(scope="module")
def walk(tmp_path_factory, at_a_desk):
    """What each tool did, by its id."""
    home = tmp_path_factory.mktemp("walk")
    shots = Path(os.environ.get("SCUMBLE_WALK") or home / "shots")
    shots.mkdir(parents=True, exist_ok=True)
    lines = at_a_desk("app_walk.py", "1400x900", home, shots, seconds=240)
    return {line["tool"]: line for line in map(json.loads, lines)}


def test_no_tool_is_left_out(walk):
    assert set(walk) == {face.id for face in TOOLBOX}


def test_the_key_of_a_tool_takes_it_in_hand(walk):
    assert {tool: seen["hand"] for tool, seen in walk.items()} == {tool: tool for tool in walk}


def test_painting(walk):
    assert walk["brush"]["on"] == [0, 0, 0, 255]
    assert walk["brush"]["off"] == [0, 0, 0, 0]
    assert walk["eraser"]["gone"][3] < 10
    assert walk["eraser"]["left"] == [0, 0, 0, 255]
    assert walk["smudge"]["smeared"][3] > 10
    assert walk["clone"]["copied"][3] > 200
    left, right, outside = (walk["gradient"][place] for place in ("left", "right", "outside"))
    assert max(left[:3]) < 30
    assert left[3] == 255
    assert min(right[:3]) > 225 or right[3] < 30
    assert outside == [0, 0, 0, 0]
    assert walk["fill"]["on"] == [0, 0, 0, 255]
    assert walk["line"]["on"][3] == 255
    assert walk["rectangle"]["edge"][3] == 255
    assert walk["ellipse"]["edge"][3] == 255


def test_selecting(walk):
    assert walk["select"]["count"] == pytest.approx(100 * 100, rel=0.05)
    assert walk["select-ellipse"]["count"] == pytest.approx(3.1416 * 50 * 30, rel=0.05)
    assert walk["lasso"]["count"] == pytest.approx(100 * 70 / 2, rel=0.1)
    assert walk["lasso-polygon"]["count"] == pytest.approx(100 * 60 / 2, rel=0.1)
    assert 300 < walk["wand"]["count"] < 5000
    assert walk["select-colour"]["count"] >= walk["wand"]["count"]
    assert walk["mask"]["count"] == pytest.approx(130 * 80 + 3.1416 * 40**2, rel=0.1)


def test_moving_and_reshaping(walk):
    assert walk["move"]["moved"] == [0, 0, 0, 0]
    assert walk["transform"]["moved"] == [0, 0, 0, 0]
    assert walk["crop"]["size"] == [200, 150]
    assert walk["picker"]["colour"] == [1.0, 1.0, 1.0]


def test_each_edit_is_a_named_step(walk):
    for tool in set(walk) - {"picker"}:
        assert walk[tool]["step"], tool
