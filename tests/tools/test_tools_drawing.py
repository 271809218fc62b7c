from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy import array_equal as same

from scumble.api import ScumbleError
from scumble.document import BGRA8, RGBA16, Document, Rect
from scumble.document.edits import add_mask, new_document, select, set_layer
from scumble.paint import Brush
from scumble.tools import TOOLS, Band, Options, Phase, Pointer, Stage

RED = (1.0, 0.0, 0.0)
SHAPES = ("line", "rectangle", "ellipse")


@pytest.fixture(params=[BGRA8, RGBA16], ids=lambda pixel_format: pixel_format.name)
def document(request) -> Document:
    return new_document(400, 300, request.param, background=(1.0, 1.0, 1.0), name="Background")


def stage_of(document: Document, **changes) -> Stage:
    return replace(Stage(document, document.active.surface, Brush(size=4.0, hardness=1.0), RED, "Step"), **changes)


def perform(tool: str, stage: Stage, *points: tuple[float, float], **keys) -> list[Band | None]:
    gesture = TOOLS[tool](stage, Pointer(*points[0], phase=Phase.PRESS, **keys))
    bands = [next(gesture)]
    bands += [gesture.send(Pointer(*point, **keys)) for point in points[1:]]
    try:
        gesture.send(Pointer(*points[-1], phase=Phase.RELEASE, **keys))
        gesture.send(Pointer(*points[-1], phase=Phase.FINISH))
    except StopIteration:
        return bands
    raise AssertionError("the gesture goes on")


def red(document: Document):
    """How far each pixel is red."""
    straight = document.format.to_straight(document.surface(document.active.surface).read(document.bounds))
    return 1 - straight[..., 1] / 255


def test_a_line_goes_straight_to_where_the_hand_lets_go(document):
    bands = perform("line", stage_of(document), (50, 50), (10, 200), (250, 150))
    assert bands[-1] == Band(((50, 50), (250, 150)))
    cover = red(document)
    for part in (0.1, 0.5, 0.9):
        assert cover[round(50 + 100 * part), round(50 + 200 * part)] == 1.0
    assert cover[200, 10] == 0
    assert cover.sum() == pytest.approx(4 * math.hypot(200, 100), rel=0.05)


def test_shift_keeps_a_line_to_eight_directions(document):
    bands = perform("line", stage_of(document), (50, 50), (250, 70), shift=True)
    assert bands[-1].points[1] == pytest.approx((50 + math.hypot(200, 20), 50))
    rows = np.flatnonzero((red(document) > 0.5).any(axis=1))
    assert (rows.min(), rows.max()) == (48, 51)


@pytest.mark.parametrize(
    ("keys", "box"),
    [
        ({}, (100, 80, 200, 120)),
        ({"shift": True}, (100, 80, 200, 180)),
        ({"alt": True}, (0, 40, 200, 120)),
        ({"shift": True, "alt": True}, (0, -20, 200, 180)),
    ],
)
def test_boxes_of_rectangles_and_ellipses(document, keys, box):
    left, top, right, bottom = box
    (rectangle,) = set(perform("rectangle", stage_of(document), (100, 80), (200, 120), **keys)[1:])
    assert rectangle.points == ((left, top), (right, top), (right, bottom), (left, bottom))
    (oval,) = set(perform("ellipse", stage_of(document), (100, 80), (200, 120), **keys)[1:])
    assert oval == Band(((left, top), (right, bottom)), oval=True)


def test_outlines_are_drawn_with_the_brush_and_have_sharp_corners(document):
    perform("rectangle", stage_of(document), (100, 80), (200, 140))
    cover = red(document)
    assert cover[80, 150] == cover[140, 150] == cover[110, 100] == cover[110, 200] == 1.0
    assert cover[110, 150] == 0
    ys, xs = np.nonzero(cover > 0.5)
    assert (xs.min(), xs.max(), ys.min(), ys.max()) == (98, 201, 78, 141)
    assert cover.sum() == pytest.approx(4 * 320, rel=0.03)
    document.history.undo()
    perform("ellipse", stage_of(document), (100, 80), (200, 180))
    ys, xs = np.nonzero(red(document) > 0.5)
    away = np.hypot(xs + 0.5 - 150, ys + 0.5 - 130)
    assert away.min() > 47
    assert away.max() < 53
    assert document.history.names == ("Step",)


def test_filled_shapes_cover_exactly_what_they_hold(document):
    options = Options(filled=True)
    perform("rectangle", stage_of(document, options=options), (100.5, 80), (200, 140))
    cover = red(document)
    assert cover[80:140, 101:200].min() == 1.0
    assert cover[100, 100] == pytest.approx(0.5, abs=0.01)
    assert cover.sum() == pytest.approx(99.5 * 60, abs=1)
    document.history.undo()
    perform("ellipse", stage_of(document, options=replace(options, cover=0.5)), (100, 80), (200, 140))
    assert red(document).sum() == pytest.approx(0.5 * math.pi * 50 * 30, rel=0.01)
    assert red(document).max() == pytest.approx(0.5, abs=0.01)
    document.history.undo()
    perform("ellipse", stage_of(document, options=replace(options, smooth_edges=False)), (100, 80), (200, 140))
    assert set(np.unique(red(document))) == {0.0, 1.0}


@pytest.mark.parametrize("tool", SHAPES)
@pytest.mark.parametrize("filled", [False, True])
def test_shapes_keep_to_the_selection_and_to_a_locked_alpha_and_are_undone(document, tool, filled):
    with document.history.transaction("Hole") as edit:
        edit.put(document.active.surface, Rect(120, 90, 30, 30), np.zeros((30, 30, 4), document.format.dtype))
    set_layer(document, document.active.id, "Lock", alpha_locked=True)
    select(document, Rect(100, 60, 60, 100))
    document.history.clear()
    before = document.surface(document.active.surface).read(document.bounds)
    perform(tool, stage_of(document, options=Options(filled=filled)), (90, 70), (220, 180))
    after = document.surface(document.active.surface).read(document.bounds)
    outside = document.selection.read(document.bounds) == 0
    assert same(after[outside], before[outside])
    assert same(after[..., document.format.alpha], before[..., document.format.alpha])
    assert not same(after, before)
    document.history.undo()
    assert same(document.surface(document.active.surface).read(document.bounds), before)


@pytest.mark.parametrize("tool", SHAPES)
def test_a_click_and_places_that_are_no_numbers_draw_nothing(document, tool):
    perform(tool, stage_of(document), (100, 100), (100.3, 100.2))
    perform(tool, stage_of(document), (100, 100), (float("nan"), 100))
    assert document.history.names == ()


@pytest.mark.parametrize("tool", SHAPES)
def test_shapes_on_a_mask_and_refusals(document, tool):
    set_layer(document, document.active.id, "Lock", locked=True)
    with pytest.raises(ScumbleError, match="is locked"):
        TOOLS[tool](stage_of(document), Pointer(10, 10, phase=Phase.PRESS))
    set_layer(document, document.active.id, "Unlock", locked=False)
    add_mask(document, document.active.id)
    mask = document.active.mask
    perform(tool, stage_of(document, surface=mask, colour=(0.0, 0.0, 0.0)), (100, 100), (200, 200))
    values = document.surface(mask).read(document.bounds)
    assert values.min() == 0
    assert values[5, 5] == 255
    gesture = TOOLS[tool](stage_of(document), Pointer(10, 10, phase=Phase.PRESS))
    next(gesture)
    gesture.close()
    assert not document.history.busy
