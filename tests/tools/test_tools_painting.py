from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest
from numpy import array_equal as same

from scumble.api import ScumbleError
from scumble.document import BGRA8, RGBA16, Document, Rect
from scumble.document.edits import add_group, add_layer, add_mask, deselect, new_document, select, set_layer
from scumble.paint import Brush, Shape
from scumble.tools import TOOLS, Band, Cloning, Options, Phase, Pointer, Stage
from scumble.tools.slices import in_slices

RED, WHITE, BLACK = (1.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)


@pytest.fixture(params=[BGRA8, RGBA16], ids=lambda pixel_format: pixel_format.name)
def document(request) -> Document:
    return new_document(400, 300, request.param, background=WHITE, name="Background")


def stage_of(document: Document, **changes) -> Stage:
    surface = document.active.surface if hasattr(document.active, "surface") else None
    return replace(Stage(document, surface, Brush(size=20.0, hardness=1.0), BLACK, "Step"), **changes)


def send(gesture, pointer) -> Band | None:
    """The band that follows an event; None too when the gesture is over."""
    try:
        return gesture.send(pointer)
    except StopIteration:
        return None


def perform(tool: str, stage: Stage, *points: tuple[float, float], **keys) -> list[Band | None]:
    """A whole gesture, with all of its work; returns the rubber bands that it showed."""
    gesture = TOOLS[tool](stage, Pointer(*points[0], phase=Phase.PRESS, **keys))
    bands = [next(gesture, None)]
    bands += [send(gesture, Pointer(*point, **keys)) for point in points[1:]]
    bands.append(send(gesture, Pointer(*points[-1], phase=Phase.RELEASE, **keys)))
    send(gesture, Pointer(*points[-1], phase=Phase.FINISH))
    assert gesture.gi_frame is None
    return bands


def seen(document: Document):
    """Straight RGBA, 8 bits, of the active layer."""
    return document.format.to_straight(document.surface(document.active.surface).read(document.bounds))


def paint(document: Document, rect: Rect, colour=BLACK) -> None:
    with document.history.transaction("Paint") as edit:
        pixels = np.empty((rect.height, rect.width, 4), document.format.dtype)
        pixels[:] = document.format.solid(*colour)
        edit.put(document.active.surface, rect, pixels)
    document.history.clear()


# Straight strokes


def test_shift_while_dragging_keeps_to_the_nearest_of_eight_directions(document):
    stage = stage_of(document, brush=Brush(size=4, hardness=1.0))
    perform("brush", stage, (100, 100), (200, 112), (300, 95), shift=True)
    rows = np.flatnonzero((seen(document)[..., 0] < 128).any(axis=1))
    assert (rows.min(), rows.max()) == (98, 101)
    perform("brush", stage, (50, 150), (90, 185), (150, 270), shift=True)
    ys, xs = np.nonzero(seen(document)[150:, :, 0] < 128)
    assert np.abs(ys + 150 - 150 - (xs - 50)).max() <= 5


def test_without_shift_the_hand_is_free_again(document):
    stage = stage_of(document, brush=Brush(size=4, hardness=1.0))
    gesture = TOOLS["brush"](stage, Pointer(50, 50, phase=Phase.PRESS))
    next(gesture)
    for x, y, shift in ((100, 50, True), (150, 60, True), (200, 100, False)):
        send(gesture, Pointer(x, y, shift=shift))
    send(gesture, Pointer(200, 100, phase=Phase.RELEASE))
    dark = seen(document)[..., 0] < 128
    assert dark[50, 140]
    assert dark[100, 200]


def test_a_press_with_shift_joins_the_last_stroke_and_goes_on_straight(document):
    stage = stage_of(document, last=(50.0, 50.0), brush=Brush(size=6, hardness=1.0))
    perform("brush", stage, (150, 150), (250, 155), shift=True)
    dark = seen(document)[..., 0] < 128
    assert dark[100, 100]
    assert dark[150, 240]
    assert not dark[156:].any()


# Alpha lock


def test_the_eraser_refuses_a_layer_that_keeps_its_transparency(document):
    set_layer(document, document.active.id, "Lock", alpha_locked=True)
    with pytest.raises(ScumbleError) as error:
        TOOLS["eraser"](stage_of(document), Pointer(10, 10, phase=Phase.PRESS))
    assert error.value.code == "layer-alpha-locked"
    assert "transparency" in str(error.value)
    assert not document.history.busy
    add_mask(document, document.active.id)
    perform("eraser", stage_of(document, surface=document.active.mask), (50, 50))
    assert document.surface(document.active.mask).read(Rect(50, 50, 1, 1))[0, 0] == 0


@pytest.mark.parametrize("tool", ["brush", "smudge", "clone", "fill", "gradient"])
def test_no_tool_changes_a_locked_alpha(document, tool):
    add_layer(document, "Layer")
    paint(document, Rect(50, 50, 100, 100), RED)
    set_layer(document, document.active.id, "Lock", alpha_locked=True)
    before = document.surface(document.active.surface).read(document.bounds)
    cloning = Cloning(source=(300.0, 200.0))
    options = Options(tolerance=1.0)
    stage = stage_of(document, cloning=cloning, options=options, colour=(0.0, 0.5, 1.0))
    perform(tool, stage, (40, 100), (100, 110), (180, 90))
    after = document.surface(document.active.surface).read(document.bounds)
    place = document.format.alpha
    assert same(after[..., place], before[..., place])
    assert (after <= after[..., place : place + 1]).all()
    assert tool in ("smudge", "clone") or not same(after, before)


# What holds for all that paint

PAINTING = ("brush", "eraser", "smudge", "clone", "fill", "gradient")


@pytest.mark.parametrize("tool", PAINTING)
def test_one_gesture_is_one_step_that_undo_takes_back_bit_for_bit(document, tool):
    paint(document, Rect(60, 60, 90, 90), RED)
    before = document.surface(document.active.surface).read(document.bounds)
    stage = stage_of(document, cloning=Cloning(source=(100.0, 100.0)), step="Named")
    perform(tool, stage, (50, 100), (110, 110), (200, 150))
    after = document.surface(document.active.surface).read(document.bounds)
    assert not same(after, before)
    assert document.history.names == ("Named",)
    document.history.undo()
    assert same(document.surface(document.active.surface).read(document.bounds), before)
    document.history.redo()
    assert same(document.surface(document.active.surface).read(document.bounds), after)


@pytest.mark.parametrize("tool", PAINTING)
def test_outside_the_selection_nothing_changes(document, tool):
    paint(document, Rect(60, 60, 90, 90), RED)
    select(document, Rect(40, 80, 100, 60))
    before = document.surface(document.active.surface).read(document.bounds)
    stage = stage_of(document, cloning=Cloning(source=(100.0, 70.0)), options=Options(tolerance=1.0))
    perform(tool, stage, (50, 100), (110, 110), (200, 150), (55, 60))
    after = document.surface(document.active.surface).read(document.bounds)
    outside = document.selection.read(document.bounds) == 0
    assert same(after[outside], before[outside])
    assert not same(after, before)


@pytest.mark.parametrize("tool", PAINTING)
def test_closing_leaves_every_bit_as_it_was(document, tool):
    paint(document, Rect(60, 60, 90, 90), RED)
    before = document.surface(document.active.surface).read(document.bounds)
    stage = stage_of(document, cloning=Cloning(source=(100.0, 100.0)))
    gesture = TOOLS[tool](stage, Pointer(50, 100, phase=Phase.PRESS))
    if next(gesture, "done") == "done":
        return
    if tool != "fill":  # which may be done by then
        send(gesture, Pointer(120, 110))
    gesture.close()
    assert not document.history.busy
    assert same(document.surface(document.active.surface).read(document.bounds), before)
    assert document.history.names == ()


@pytest.mark.parametrize("tool", PAINTING)
@pytest.mark.parametrize(("change", "code"), [({"locked": True}, "layer-locked"), ({"visible": False}, "layer-hidden")])
def test_tools_refuse_what_cannot_be_changed(document, tool, change, code):
    set_layer(document, document.active.id, "Change", **change)
    stage = stage_of(document, cloning=Cloning(source=(1.0, 1.0)))
    with pytest.raises(ScumbleError) as error:
        TOOLS[tool](stage, Pointer(10, 10, phase=Phase.PRESS))
    assert error.value.code == code
    set_layer(document, document.active.id, "Change back", locked=False, visible=True)
    add_group(document, "Group")
    with pytest.raises(ScumbleError, match="is a group"):
        TOOLS[tool](stage_of(document), Pointer(10, 10, phase=Phase.PRESS))
    assert not document.history.busy


# Smudge


def test_smudging_is_as_strong_as_the_option(document):
    paint(document, Rect(0, 0, 100, 300))
    reach = []
    for strength in (0.1, 0.5, 0.9):
        perform("smudge", stage_of(document, options=Options(strength=strength)), (90, 100), (200, 100))
        reach.append(np.count_nonzero(seen(document)[100, 100:, 0] < 128))
        document.history.undo()
    assert reach[0] < reach[1] < reach[2]


# Clone


def test_cloning_needs_a_source_and_says_so(document):
    with pytest.raises(ScumbleError, match="hold Alt"):
        TOOLS["clone"](stage_of(document), Pointer(10, 10, phase=Phase.PRESS))


@pytest.mark.parametrize("key", ["alt", "ctrl"])
def test_a_click_with_a_key_chooses_the_source_and_shows_a_cross(document, key):
    cloning = Cloning(offset=(5, 5))
    bands = perform("clone", stage_of(document, cloning=cloning), (80, 90), (100, 120), **{key: True})
    assert bands[0] == Band(((80, 90),), cross=True)
    assert cloning == Cloning(source=(100, 120))
    assert document.history.names == ()


def test_cloning_copies_exactly_and_shows_where_from(document):
    paint(document, Rect(100, 100, 10, 10), RED)
    stage = stage_of(document, cloning=Cloning(source=(105.4, 105.7)))
    bands = perform("clone", stage, (255.2, 200.1), (270.0, 200.0))
    pixels = document.surface(document.active.surface).read(document.bounds)
    assert same(pixels[195:205, 250:260], pixels[100:110, 100:110])
    assert bands[1] == Band(((120.0, 105.0),), cross=True)
    assert stage.cloning.offset == (-150, -95)


def test_what_is_cloned_is_what_was_there_before_the_stroke(document):
    paint(document, Rect(50, 90, 20, 20), RED)
    perform("clone", stage_of(document, cloning=Cloning(source=(60.0, 100.0))), (80, 100), (100, 100), (160, 100))
    red = (seen(document)[100] == (255, 0, 0, 255)).all(axis=1)
    assert red[75:88].all()
    assert not red[92:].any()


def test_aligned_cloning_keeps_its_distance_and_the_other_begins_anew(document):
    paint(document, Rect(0, 0, 400, 20), RED)
    for aligned, expected in ((True, (255, 255, 255)), (False, (255, 0, 0))):
        cloning = Cloning(source=(50.0, 10.0))
        stage = stage_of(document, cloning=cloning, options=Options(aligned=aligned), brush=Brush(size=6, hardness=1.0))
        perform("clone", stage, (50, 100))
        perform("clone", stage, (50, 150))
        assert tuple(seen(document)[100, 50, :3]) == (255, 0, 0)
        assert tuple(seen(document)[150, 50, :3]) == expected
        for _ in document.history.names[:2]:
            document.history.undo()


def test_outside_the_canvas_there_is_nothing_to_clone(document):
    before = seen(document)
    perform("clone", stage_of(document, cloning=Cloning(source=(-50.0, -50.0))), (100, 100), (120, 100))
    assert same(seen(document), before)
    perform("clone", stage_of(document, cloning=Cloning(source=(5.0, 5.0))), (100, 100))
    assert same(seen(document), before)


def test_all_layers_can_be_cloned_onto_an_empty_one(document):
    paint(document, Rect(100, 100, 60, 60), RED)
    below = document.surface(document.active.surface).tiles
    add_layer(document, "Layer")

    def picture(index):
        return below[index].pixels if index in below else None

    stage = stage_of(document, cloning=Cloning(source=(130.0, 130.0)), picture=picture)
    perform("clone", stage, (250, 200))
    assert not document.surface(document.active.surface).tiles
    stage = replace(stage, options=Options(all_layers=True))
    perform("clone", stage, (250, 200), (255, 200))
    assert tuple(seen(document)[200, 250]) == (255, 0, 0, 255)
    assert not seen(document)[100, 100].any()


def test_a_mask_is_cloned_from_itself(document):
    add_mask(document, document.active.id)
    mask = document.active.mask
    with document.history.transaction("hide") as edit:
        edit.put(mask, Rect(100, 100, 10, 10), np.full((10, 10), 40, np.uint8))
    perform("clone", stage_of(document, surface=mask, cloning=Cloning(source=(105.0, 105.0))), (205, 205))
    values = document.surface(mask).read(document.bounds)
    assert values[205, 205] == 40
    assert values[150, 150] == 255


# Fill


def test_filling_pours_over_what_is_alike(document):
    paint(document, Rect(100, 0, 5, 300))
    perform("fill", stage_of(document, colour=RED), (50, 50))
    pixels = seen(document)
    assert (pixels[:, :99] == (255, 0, 0, 255)).all()
    assert (pixels[:, 105:] == 255).all()
    document.history.undo()
    perform("fill", stage_of(document, colour=RED, options=Options(contiguous=False, cover=0.5)), (50, 50))
    pixels = seen(document)
    assert tuple(pixels[150, 300]) == (255, 127, 127, 255) or tuple(pixels[150, 300]) == (255, 128, 128, 255)
    assert tuple(pixels[150, 102]) == (0, 0, 0, 255)


def test_filling_reads_its_options(document):
    paint(document, Rect(100, 0, 5, 300))
    paint(document, Rect(100, 150, 5, 3), WHITE)
    leaks = stage_of(document, colour=RED, options=Options(smooth_edges=False))
    perform("fill", leaks, (50, 50))
    assert tuple(seen(document)[50, 300]) == (255, 0, 0, 255)
    document.history.undo()
    closed = replace(leaks, options=Options(smooth_edges=False, gap=5, grow=2))
    perform("fill", closed, (50, 50))
    pixels = seen(document)
    assert tuple(pixels[50, 300]) == (255, 255, 255, 255)
    assert tuple(pixels[50, 101]) == (255, 0, 0, 255)
    assert tuple(pixels[50, 102]) == (0, 0, 0, 255)


def test_filling_by_all_layers_looks_at_the_picture(document):
    paint(document, Rect(100, 0, 5, 300))
    below = dict(document.surface(document.active.surface).tiles)
    add_layer(document, "Layer")
    stage = stage_of(document, colour=RED, picture=lambda index: below[index].pixels)
    perform("fill", replace(stage, options=Options(all_layers=True, smooth_edges=False)), (50, 50))
    pixels = seen(document)
    assert (pixels[:, :100] == (255, 0, 0, 255)).all()
    assert not pixels[:, 100:].any()


def test_a_click_outside_the_canvas_fills_nothing(document):
    before = document.history.names
    perform("fill", stage_of(document), (-5, 50))
    assert document.history.names == before


def test_long_work_is_done_in_slices_and_all_at_once_when_it_has_to_be():
    def work():
        for _ in range(30):
            yield
            time.sleep(0.004)
        return "done"

    def gesture(event):
        result.append((yield from in_slices(work(), event)))

    result = []
    running = gesture(Pointer(0, 0, phase=Phase.PRESS))
    band = next(running)
    slices = 1
    while band is not None:
        assert band.more
        assert band.bounds.empty
        band = send(running, Pointer(0, 0, phase=Phase.MORE))
        slices += 1
    assert result == ["done"]
    assert 3 <= slices <= 15
    running = gesture(Pointer(0, 0, phase=Phase.PRESS))
    next(running)
    assert send(running, Pointer(0, 0, phase=Phase.FINISH)) is None
    assert result == ["done", "done"]


# Gradient


@pytest.mark.parametrize("shape", list(Shape))
def test_gradients_run_from_the_foreground_to_the_background(document, shape):
    options = Options(gradient=shape)
    stage = stage_of(document, colour=RED, background=(0.0, 0.0, 1.0), options=options)
    bands = perform("gradient", stage, (200, 150), (300, 150))
    assert bands[1] == Band(((200, 150), (300, 150)))
    pixels = seen(document).astype(int)
    near = pixels[149, 204] if shape is Shape.CONICAL else pixels[150, 202]
    assert near[0] > 240
    assert abs(pixels[150, 20 if shape is Shape.CONICAL else 250, 0] - 128) < 8
    assert (pixels[..., 3] == 255).all()


def test_a_gradient_may_fade_and_shift_keeps_its_direction(document):
    add_layer(document, "Layer")
    stage = stage_of(document, colour=RED, options=Options(fade=True, cover=0.5))
    bands = perform("gradient", stage, (100, 100), (200, 110), shift=True)
    assert bands[-2].points[1] == pytest.approx((100 + math.hypot(100, 10), 100))
    alpha = seen(document)[..., 3].astype(int)
    assert abs(alpha[50, 50] - 128) <= 1
    assert not alpha[:, 205:].any()
    assert np.ptp(alpha[:, 150]) <= 2


def test_a_click_lays_no_gradient(document):
    perform("gradient", stage_of(document), (100, 100), (150, 100), (100.2, 100))
    assert document.history.names == ()


def test_a_gradient_is_seen_while_it_is_drawn_and_drawn_anew(document):
    deselect(document)
    stage = stage_of(document, colour=BLACK, background=WHITE)
    gesture = TOOLS["gradient"](stage, Pointer(100, 100, phase=Phase.PRESS))
    next(gesture)
    send(gesture, Pointer(300, 100))
    assert seen(document)[100, 100, 0] < 10
    send(gesture, Pointer(100, 200))
    assert seen(document)[250, 100, 0] == 255
    assert seen(document)[100, 300, 0] < 10
    gesture.close()
    assert (seen(document) == 255).all()


# Colour picker


def test_the_picker_takes_from_the_layer_or_from_all_that_is_seen(document):
    paint(document, Rect(100, 100, 20, 20), RED)
    picked = []
    stage = stage_of(document, look=lambda _x, _y: (0.0, 1.0, 0.0), pick=picked.append)
    perform("picker", stage, (110, 110))
    assert set(picked) == {(0.0, 1.0, 0.0)}
    picked.clear()
    perform("picker", replace(stage, options=Options(visible=False)), (110, 110))
    assert set(picked) == {(1.0, 0.0, 0.0)}
    picked.clear()
    perform("picker", replace(stage, options=Options(visible=False)), (500, 110))
    assert not picked


def test_the_picker_takes_the_mean_of_a_square(document):
    paint(document, Rect(100, 0, 300, 300), BLACK)
    tiles = document.surface(document.active.surface).tiles
    picked = []
    stage = stage_of(document, pick=picked.append, picture=lambda index: tiles[index].pixels)
    for average, grey in ((3, 1 / 3), (5, 2 / 5)):
        picked.clear()
        perform("picker", replace(stage, options=Options(average=average)), (100, 50))
        assert picked[0] == pytest.approx((grey,) * 3, abs=1e-4)
    picked.clear()
    perform("picker", replace(stage, options=Options(average=5)), (0, 0))
    assert picked[0] == (1.0, 1.0, 1.0)


def test_clear_pixels_count_for_nothing_and_have_no_colour(document):
    add_layer(document, "Layer")
    paint(document, Rect(100, 100, 2, 5), RED)
    picked = []
    stage = stage_of(document, pick=picked.append, options=Options(visible=False, average=5))
    perform("picker", stage, (102, 102))
    assert set(picked) == {(1.0, 0.0, 0.0)}
    picked.clear()
    perform("picker", stage, (200, 200))
    assert not picked


def test_a_mask_gives_its_grey(document):
    add_mask(document, document.active.id)
    picked = []
    stage = stage_of(document, surface=document.active.mask, pick=picked.append, options=Options(visible=False))
    perform("picker", stage, (50, 50))
    assert set(picked) == {(1.0, 1.0, 1.0)}


def test_places_that_are_no_numbers_are_harmless(document):
    nothing = float("nan")
    picked = []
    stage = stage_of(document, cloning=Cloning(source=(9.0, 9.0)), pick=picked.append)
    for tool in ("brush", "eraser", "smudge", "picker"):
        perform(tool, stage, (nothing, 5), (5, float("inf")), (nothing, nothing))
    assert (seen(document) == 255).all()
