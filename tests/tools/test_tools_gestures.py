from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy import array_equal as same

from scumble.api import ScumbleError
from scumble.document import BGRA8, SELECTION, Document, Rect
from scumble.document.edits import add_group, add_layer, new_document, select, set_layer
from scumble.paint import Brush
from scumble.tools import TOOLS, Band, Phase, Pointer, Stage, nudge


@pytest.fixture
def document() -> Document:
    return new_document(300, 200, BGRA8, background=(1.0, 1.0, 1.0), name="Background")


def stage_of(document: Document, **changes) -> Stage:
    surface = document.active.surface if hasattr(document.active, "surface") else None
    return replace(Stage(document, surface, Brush(size=20.0, hardness=1.0), (0.0, 0.0, 0.0), "Step"), **changes)


def perform(tool: str, stage: Stage, *points: tuple[float, float], **keys) -> list[Band | None]:
    """A whole gesture; returns the rubber bands that it showed."""
    press = Pointer(*points[0], phase=Phase.PRESS, **keys)
    gesture = TOOLS[tool](stage, press)
    bands = [next(gesture)]
    bands += [gesture.send(Pointer(*point, **keys)) for point in points[1:]]
    with pytest.raises(StopIteration):
        _let_go(gesture, points[-1], keys)
    return bands


def _let_go(gesture, point, keys) -> None:
    """On a busy machine, what is done aside takes more than one turn."""
    gesture.send(Pointer(*point, phase=Phase.RELEASE, **keys))
    while True:
        gesture.send(Pointer(*point, phase=Phase.MORE, **keys))


def pixels(document: Document):
    return document.surface(document.active.surface).read(document.bounds)


def test_closing_a_gesture_leaves_every_bit_as_it_was(document):
    add_layer(document, "Layer")
    for tool in ("brush", "eraser", "mask", "move"):
        before, selected, steps = pixels(document), document.selection.read(document.bounds), document.history.names
        gesture = TOOLS[tool](stage_of(document), Pointer(50, 50, phase=Phase.PRESS))
        next(gesture)
        gesture.send(Pointer(90, 80))
        assert document.history.busy == (tool != "move")
        gesture.close()
        assert not document.history.busy
        assert same(pixels(document), before)
        assert same(document.selection.read(document.bounds), selected)
        assert document.history.names == steps


def test_a_gesture_is_one_step_with_the_given_name(document):
    perform("brush", stage_of(document, step="Painted"), (10, 10), (50, 50), (100, 20))
    assert document.history.names == ("Painted",)


def test_eraser_on_a_layer_takes_away(document):
    perform("eraser", stage_of(document), (50, 50), (100, 50))
    assert not pixels(document)[50, 75].any()
    assert pixels(document)[150, 150].all()


@pytest.mark.parametrize(
    ("add", "alt", "left"), [(True, False, 255), (True, True, 0), (False, False, 0), (False, True, 255)]
)
def test_the_mask_brush_adds_or_takes_away(document, add, alt, left):
    select(document, Rect(0, 0, 150, 200))
    place = (50, 50) if left == 0 else (200, 50)
    perform("mask", stage_of(document, add=add), place, alt=alt)
    assert document.selection.read(document.bounds)[50, place[0]] == left


def test_the_mask_brush_ignores_locks_and_the_colour(document):
    set_layer(document, document.active.id, "Lock", locked=True)
    perform("mask", stage_of(document, colour=(0.0, 0.0, 0.0)), (50, 50))
    assert document.selection.read(document.bounds)[50, 50] == 255


def test_rectangles_are_of_whole_pixels_inside_the_canvas(document):
    bands = perform("select", stage_of(document), (-20.5, 10.2), (30.4, 40.9), (60.5, 45.5))
    assert bands[-1] == Band.box(Rect.from_edges(0, 10, 61, 46))
    assert document.selection_bounds == Rect.from_edges(0, 10, 61, 46)


@pytest.mark.parametrize(
    ("keys", "selected", "free"),
    [
        ({}, (190, 120), (20, 60)),
        ({"shift": True}, (20, 60), (250, 60)),
        ({"alt": True}, (20, 60), (80, 60)),
        ({"shift": True, "alt": True}, (80, 60), (20, 60)),
    ],
)
def test_modes_of_the_rectangle(document, keys, selected, free):
    select(document, Rect(0, 0, 100, 100))
    # From outside: a drag from inside the selection with no keys takes its outline along.
    perform("select", stage_of(document), (210, 150) if not keys else (150, 150), (50, 50), **keys)
    values = document.selection.read(document.bounds)
    assert values[selected[1], selected[0]] == 255
    assert values[free[1], free[0]] == 0


def test_a_click_deselects_only_without_keys(document):
    select(document, Rect(0, 0, 100, 100))
    perform("select", stage_of(document), (10, 10), shift=True)
    assert not document.selection_bounds.empty
    perform("select", stage_of(document), (10, 10))
    assert document.selection_bounds.empty


def test_moving_is_by_whole_pixels_and_back_again_is_no_step(document):
    add_layer(document, "Dot", pixels=np.full((4, 4, 4), 255, np.uint8), origin=(20, 20))
    steps = document.history.names
    perform("move", stage_of(document), (50.0, 50.0), (60.4, 70.6))
    assert document.surface(document.active.surface).bounds() == Rect(30, 41, 4, 4)
    perform("move", stage_of(document), (50.0, 50.0), (60.0, 60.0), (50.0, 50.0))
    assert document.surface(document.active.surface).bounds() == Rect(30, 41, 4, 4)
    perform("move", stage_of(document), (50.0, 50.0), (60.0, 53.0), shift=True)
    assert document.surface(document.active.surface).bounds() == Rect(40, 41, 4, 4)
    nudge(document, -3, 5, "Nudge")
    assert document.surface(document.active.surface).bounds() == Rect(37, 46, 4, 4)
    assert len(document.history.names) == len(steps) + 3


def test_the_picker_follows_the_pointer(document):
    picked = []
    stage = stage_of(document, look=lambda x, y: (x / 300, y / 200, 0.0) if x < 200 else None, pick=picked.append)
    perform("picker", stage, (30.9, 20.2), (250, 20), (60, 40))
    assert picked == [(30 / 300, 20 / 200, 0.0), (60 / 300, 40 / 200, 0.0), (60 / 300, 40 / 200, 0.0)]
    assert document.history.names == ()


def test_shift_joins_the_last_stroke(document):
    perform("brush", stage_of(document, last=(20.0, 20.0)), (120, 120), shift=True)
    assert tuple(pixels(document)[70, 70]) == (0, 0, 0, 255)


@pytest.mark.parametrize("tool", ["brush", "eraser", "move"])
@pytest.mark.parametrize(("change", "code"), [({"locked": True}, "layer-locked"), ({"visible": False}, "layer-hidden")])
def test_tools_refuse_what_cannot_be_changed(document, tool, change, code):
    set_layer(document, document.active.id, "Change", **change)
    with pytest.raises(ScumbleError) as error:
        TOOLS[tool](stage_of(document), Pointer(10, 10, phase=Phase.PRESS))
    assert error.value.code == code
    assert not document.history.busy


def test_a_group_has_nothing_to_paint_on_and_its_lock_holds_inside(document):
    group = add_group(document, "Group")
    with pytest.raises(ScumbleError, match="is a group"):
        TOOLS["brush"](stage_of(document), Pointer(10, 10, phase=Phase.PRESS))
    from scumble.document.edits import move_layer

    layer = add_layer(document, "Inside")
    move_layer(document, layer, parent=group, index=0)
    set_layer(document, group, "Lock", locked=True)
    document.activate(layer)
    with pytest.raises(ScumbleError, match="is locked"):
        TOOLS["brush"](stage_of(document), Pointer(10, 10, phase=Phase.PRESS))


def test_without_a_layer_there_is_a_sentence():
    with pytest.raises(ScumbleError, match="no layer"):
        TOOLS["brush"](stage_of(Document(10, 10)), Pointer(1, 1, phase=Phase.PRESS))


def test_the_selection_is_the_surface_of_the_mask_brush(document):
    perform("mask", stage_of(document, surface=None), (50, 50))
    assert document.surface(SELECTION).tiles
