"""A short afternoon on a real X display of 1280 × 720: open, select, heal, change one's mind, save, open again."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="module")
def seen(tmp_path_factory, at_a_desk):
    """What the person saw."""
    lines = at_a_desk("app_afternoon.py", "1280x720", tmp_path_factory.mktemp("afternoon"), seconds=280)
    return json.loads(lines[-1])


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
