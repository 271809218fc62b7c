"""The selecting tools as gestures: shapes, keys, colours, the outline taken along."""

from __future__ import annotations

import math
from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from numpy import array_equal as same

from scumble.document import BGRA8, RGBA16, Rect
from scumble.document.edits import add_group, add_layer, deselect, new_document, select
from scumble.paint import Brush
from scumble.paint.selecting import Change, changed, changing
from scumble.paint.shapes import rectangle
from scumble.render import flatten
from scumble.tools import TOOLS, Combine, Options, Phase, Pointer, Proportion, Stage, nudge_outline, selecting

TRIANGLE = ((40, 40), (160, 40), (40, 160))


@pytest.fixture
def document():
    return new_document(300, 280, BGRA8, background=(1.0, 1.0, 1.0), name="Background")


def stage_of(document, **changes) -> Stage:
    stage = Stage(
        document,
        document.active.surface,
        Brush(),
        (0.0, 0.0, 0.0),
        "Step",
        picture=lambda index: flatten(document.snapshot(), Rect(index[0] * 256, index[1] * 256, 256, 256)),
    )
    return replace(stage, **changes)


class Hand:
    """Feeds a gesture; keys hold until they are changed."""

    def __init__(self, tool: str, stage: Stage, x: float, y: float, **keys) -> None:
        self.bands = []
        self.gesture = TOOLS[tool](stage, Pointer(x, y, Phase.PRESS, **keys))
        self.at = (x, y)
        self.over = False
        self._step(lambda: next(self.gesture))

    def _step(self, act) -> None:
        try:
            self.bands.append(act())
            while self.bands[-1] is not None and self.bands[-1].more:
                self.bands[-1] = self.gesture.send(Pointer(*self.at, Phase.MORE))
        except StopIteration:
            self.over = True

    def to(self, *at, phase=Phase.MOVE, **keys):
        self.at = at or self.at
        self._step(lambda: self.gesture.send(Pointer(*self.at, phase, **keys)))
        return self

    def release(self, **keys):
        return self.to(phase=Phase.RELEASE, **keys)

    def click(self, x, y, **keys):
        self.to(x, y, **keys)
        self.to(x, y, phase=Phase.PRESS, **keys)
        return self.release(**keys)


def drag(tool, stage, *points, **keys):
    hand = Hand(tool, stage, *points[0], **keys)
    for point in points[1:]:
        hand.to(*point, **keys)
    assert hand.release(**keys).over
    return hand


def mask(document):
    return document.selection.read(document.bounds)


def test_an_ellipse_fits_its_box_and_is_smooth(document):
    drag("select-ellipse", stage_of(document), (20, 30), (220, 130))
    values = mask(document)
    assert document.selection_bounds == Rect(20, 30, 200, 100)
    assert values.sum() / 255 == pytest.approx(math.pi * 100 * 50, rel=0.001)
    assert values[80, 120] == 255
    assert values[32, 22] == 0
    assert len(np.unique(values)) > 20
    hard = stage_of(document, options=Options(smooth_edges=False))
    drag("select-ellipse", hard, (300, 280), (250, 230))
    assert set(np.unique(mask(document))) == {0, 255}


def test_shift_after_the_press_makes_a_square_and_alt_begins_at_the_centre(document):
    hand = Hand("select", stage_of(document), 100, 100)
    hand.to(130, 110, shift=True).release(shift=True)
    assert document.selection_bounds == Rect(100, 100, 30, 30)
    hand = Hand("select", stage_of(document), 200, 200)
    hand.to(210, 230, alt=True).release(alt=True)
    assert document.selection_bounds == Rect(190, 170, 20, 60)
    hand = Hand("select-ellipse", stage_of(document), 100, 100)
    hand.to(130, 110, alt=True, shift=True).release(alt=True, shift=True)
    assert document.selection_bounds == Rect(70, 70, 60, 60)


def test_keys_held_at_the_press_combine_until_they_were_let_go(document):
    select(document, Rect(0, 0, 50, 50))
    hand = Hand("select", stage_of(document), 100, 100, shift=True)
    hand.to(130, 110, shift=True).release(shift=True)
    assert mask(document)[105, 125] == 255
    assert mask(document)[115, 125] == 0
    assert mask(document)[10, 10] == 255
    hand = Hand("select", stage_of(document), 100, 200, shift=True)
    hand.to(110, 205, shift=True).to(120, 205).to(130, 210, shift=True).release(shift=True)
    assert mask(document)[225, 125] == 255


def test_the_space_bar_moves_what_is_being_drawn(document):
    hand = Hand("select", stage_of(document), 100, 100)
    hand.to(130, 120).to(150, 130, space=True).to(160, 140)
    assert hand.release().over
    assert document.selection_bounds == Rect.from_edges(120, 110, 160, 140)


def test_a_lasso_joins_its_ends(document):
    hand = drag("lasso", stage_of(document), (40, 40), (100, 40.1), (160, 40), (40, 160))
    values = mask(document)
    assert values.sum() / 255 == pytest.approx(120 * 120 / 2, rel=0.01)
    assert values[50, 50] == 255
    assert values[150, 150] == 0
    assert not hand.bands[-1].closed
    assert hand.bands[-1].points[-1] == (40, 160)


def test_a_lasso_that_hardly_moved_is_a_click(document):
    select(document, Rect(0, 0, 50, 50))
    drag("lasso", stage_of(document), (100, 100), (101, 100))
    assert document.selection_bounds.empty
    drag("lasso", stage_of(document), (100, 100), (101, 100))
    assert document.history.names == ("Select", "Step")


@pytest.mark.parametrize("ending", ["start", "finish"])
def test_a_polygon_is_clicked_corner_by_corner(document, ending):
    hand = Hand("lasso-polygon", stage_of(document), *TRIANGLE[0]).release()
    for corner in TRIANGLE[1:]:
        hand.click(*corner)
    hand.to(90, 90)
    assert hand.bands[-1].points == (*TRIANGLE, (90, 90))
    assert document.selection_bounds.empty
    if ending == "start":
        hand.to(43, 38).to(43, 38, phase=Phase.PRESS)
    else:
        hand.to(phase=Phase.FINISH)
    assert hand.over
    assert mask(document).sum() / 255 == pytest.approx(120 * 120 / 2, rel=0.01)
    assert document.history.names == ("Step",)


def test_backspace_takes_a_corner_back(document):
    hand = Hand("lasso-polygon", stage_of(document), *TRIANGLE[0]).release()
    hand.click(*TRIANGLE[1]).click(250, 250)
    hand.to(phase=Phase.BACK)
    hand.click(*TRIANGLE[2]).to(phase=Phase.FINISH)
    assert mask(document).sum() / 255 == pytest.approx(120 * 120 / 2, rel=0.01)
    hand = Hand("lasso-polygon", stage_of(document), 250, 250).release()
    assert hand.to(phase=Phase.BACK).over


def test_a_polygon_may_be_dragged_and_kept_straight(document):
    hand = Hand("lasso-polygon", stage_of(document), 40, 40).to(160, 40).release()
    hand.to(150, 165, shift=True).to(phase=Phase.PRESS, shift=True).release(shift=True)
    assert hand.bands[-1].points[2] == pytest.approx((160, 165))
    hand.to(phase=Phase.FINISH)
    assert mask(document).any()


def test_closing_a_polygon_early_selects_nothing(document):
    select(document, Rect(200, 200, 50, 50))
    hand = Hand("lasso-polygon", stage_of(document), 40, 40).release().click(100, 100)
    hand.to(phase=Phase.FINISH)
    assert hand.over
    assert document.selection_bounds == Rect(200, 200, 50, 50)
    hand = Hand("lasso-polygon", stage_of(document), 40, 40).release().click(100, 100)
    hand.gesture.close()
    assert document.history.names == ("Select",)


@pytest.mark.parametrize("tool", ["select", "select-ellipse", "lasso"])
@pytest.mark.parametrize("mode", list(Combine))
def test_the_option_says_how_they_combine(document, tool, mode):
    select(document, Rect(0, 0, 100, 280))
    options = Options(combine=mode, smooth_edges=False)
    points = ((150, 50), (150, 150), (50, 150), (50, 50)) if tool == "lasso" else ((150, 150), (50, 50))
    drag(tool, stage_of(document, options=options), *points)
    values = mask(document)
    expected = {
        Combine.REPLACE: (0, 255, 255),
        Combine.ADD: (255, 255, 255),
        Combine.SUBTRACT: (255, 0, 0),
        Combine.INTERSECT: (0, 255, 0),
    }[mode]
    assert (values[10, 10], values[100, 90], values[100, 120]) == expected


@pytest.mark.parametrize("tool", ["select", "select-ellipse"])
def test_feathering_is_symmetrical_and_stays_on_the_canvas(document, tool):
    drag(tool, stage_of(document, options=Options(feather=10.0)), (100, 100), (200, 180))
    values = mask(document)
    assert 100 < values[140, 100] < 170
    assert values[140, 150] == 255
    assert same(values[100:180, 100:200], values[100:180, 100:200][:, ::-1])
    assert document.history.names == ("Step",)


@pytest.mark.parametrize("tool", ["select", "select-ellipse", "lasso", "lasso-polygon", "wand", "select-colour"])
def test_a_drag_from_inside_takes_the_outline_along(document, tool):
    select(document, Rect(50, 50, 60, 40))
    picture = flatten(document.snapshot(), document.bounds)
    drag(tool, stage_of(document, move_step="Moved"), (60, 60), (70, 65), (100, 90))
    assert document.selection_bounds == Rect(90, 80, 60, 40)
    assert document.history.names == ("Select", "Moved")
    assert same(flatten(document.snapshot(), document.bounds), picture)
    document.history.undo()
    assert document.selection_bounds == Rect(50, 50, 60, 40)


def test_taking_the_outline_along_keeps_to_an_axis_and_comes_back_from_outside(document):
    select(document, Rect(50, 50, 60, 40))
    hand = Hand("select", stage_of(document), 60, 60)
    hand.to(500, 500)
    assert hand.bands[-1].shift == (440, 440)
    hand.to(80, 65, shift=True).release(shift=True)
    assert document.selection_bounds == Rect(70, 50, 60, 40)
    assert mask(document).sum() == 255 * 60 * 40


def test_giving_a_moved_outline_up_leaves_every_bit(document):
    select(document, Rect(50, 50, 60, 40))
    hand = Hand("select", stage_of(document), 60, 60).to(100, 100)
    hand.gesture.close()
    assert not document.history.busy
    assert document.history.names == ("Select",)
    assert document.selection_bounds == Rect(50, 50, 60, 40)


def test_nudging_the_outline(document):
    select(document, Rect(50, 50, 60, 40))
    nudge_outline(document, -3, 10, "Nudge")
    assert document.selection_bounds == Rect(47, 60, 60, 40)
    assert document.history.names == ("Select", "Nudge")


def paint(document, *boxes):
    for rect, colour in boxes:
        pixels = np.empty((rect.height, rect.width, 4), document.format.dtype)
        pixels[:] = document.format.solid(*colour)
        with document.history.transaction("Paint") as edit:
            edit.put(document.active.surface, rect, pixels)


RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
SPOTS = ((Rect(20, 20, 40, 40), RED), (Rect(200, 200, 40, 60), RED), (Rect(100, 100, 50, 50), BLUE))


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16])
def test_the_wand_selects_what_hangs_together(pixel_format):
    document = new_document(300, 280, pixel_format, background=(1.0, 1.0, 1.0), name="Background")
    paint(document, *SPOTS)
    options = Options(smooth_edges=False)
    hand = Hand("wand", stage_of(document, options=options), 30, 30)
    assert hand.release().over
    assert document.selection_bounds == Rect(20, 20, 40, 40)
    Hand("wand", stage_of(document, options=options), 220, 220, shift=True).release(shift=True)
    assert mask(document).sum() == 255 * (1600 + 2400)
    Hand("select-colour", stage_of(document, options=options), 110, 110).release()
    assert document.selection_bounds == Rect(100, 100, 50, 50)
    Hand("select-colour", stage_of(document, options=options), 30, 30).release()
    assert mask(document).sum() == 255 * (1600 + 2400)
    Hand("wand", stage_of(document, options=replace(options, contiguous=False)), 5, 5).release()
    assert mask(document).sum() == 255 * (300 * 280 - 1600 - 2400 - 2500)


def test_a_click_of_the_wand_inside_the_selection_selects_anew(document):
    paint(document, *SPOTS)
    select(document, document.bounds)
    hand = Hand("wand", stage_of(document, options=Options(smooth_edges=False)), 30, 30)
    assert document.selection_bounds == document.bounds
    hand.release()
    assert document.selection_bounds == Rect(20, 20, 40, 40)


def test_the_wand_looks_at_one_layer_or_at_all(document):
    paint(document, *SPOTS)
    add_layer(document, "Above")
    options = Options(smooth_edges=False)
    Hand("wand", stage_of(document, options=options), 30, 30).release()
    assert document.selection_bounds == document.bounds
    Hand("wand", stage_of(document, options=replace(options, all_layers=True)), 30, 30, alt=True).release(alt=True)
    assert mask(document)[30, 30] == 0
    assert mask(document)[5, 5] == 255


def test_on_a_group_the_wand_looks_at_the_picture(document):
    paint(document, *SPOTS)
    add_group(document, "Group")
    stage = replace(stage_of_group(document), options=Options(smooth_edges=False))
    Hand("wand", stage, 30, 30).release()
    assert document.selection_bounds == Rect(20, 20, 40, 40)


def stage_of_group(document) -> Stage:
    return Stage(
        document,
        None,
        Brush(),
        (0.0, 0.0, 0.0),
        "Step",
        picture=lambda index: flatten(document.snapshot(), Rect(index[0] * 256, index[1] * 256, 256, 256)),
    )


def test_outside_the_canvas_the_wand_selects_nothing(document):
    select(document, Rect(50, 50, 60, 40))
    Hand("wand", stage_of(document), -5, 30).release()
    assert document.selection_bounds.empty


def test_growing_and_feathering_what_the_wand_selects(document):
    paint(document, *SPOTS)
    options = Options(smooth_edges=False, grow=3)
    Hand("wand", stage_of(document, options=options), 30, 30).release()
    assert document.selection_bounds == Rect(17, 17, 46, 46)
    Hand("wand", stage_of(document, options=Options(feather=8.0)), 280, 20).release()
    assert len(np.unique(mask(document))) > 20


def test_a_feathered_selection_is_computed_aside_and_can_be_given_up(document, monkeypatch):
    gate = Event()

    def waiting(tiles, bounds, change):
        gate.wait(30)
        yield from changing(tiles, bounds, change)

    monkeypatch.setattr(selecting, "changing", waiting)
    stage = stage_of(document, options=Options(feather=10.0))
    gesture = TOOLS["select"](stage, Pointer(100, 100, Phase.PRESS))
    next(gesture)
    gesture.send(Pointer(200, 180, Phase.MOVE))
    assert gesture.send(Pointer(200, 180, Phase.RELEASE)).more
    gesture.close()
    gate.set()
    assert not document.selection.tiles
    drag("select", stage, (100, 100), (200, 180))
    whole = rectangle(Rect(100, 100, 100, 80))
    expected = changed(whole, document.bounds, Change("feather", 10.0))
    assert {index: tile.pixels.tobytes() for index, tile in document.selection.tiles.items()} == {
        index: tile.pixels.tobytes() for index, tile in expected.items()
    }


def fixed(document, proportion, **sides):
    return stage_of(document, options=Options(proportion=proportion, **sides))


@pytest.mark.parametrize("tool", ["select", "select-ellipse"])
def test_a_fixed_ratio_holds_in_every_direction(document, tool):
    stage = fixed(document, Proportion.RATIO, ratio=(16.0, 9.0))
    for end, expected in (
        ((180, 110), Rect(100, 100, 80, 45)),
        ((110, 145), Rect(100, 100, 80, 45)),
        ((84, 99), Rect(84, 91, 16, 9)),
    ):
        deselect(document)
        drag(tool, stage, (100, 100), end)
        assert document.selection.bounds() == expected


def test_shift_makes_a_square_and_alt_begins_at_the_centre_in_a_fixed_ratio_too(document):
    stage = fixed(document, Proportion.RATIO, ratio=(2.0, 1.0))
    Hand("select", stage, 100, 100).to(110, 130, shift=True).release(shift=True)
    assert document.selection.bounds() == Rect(100, 100, 30, 30)
    Hand("select", stage, 50, 50).to(70, 55, alt=True).release(alt=True)
    assert document.selection.bounds() == Rect(30, 40, 40, 20)


@pytest.mark.parametrize("tool", ["select", "select-ellipse"])
def test_a_box_of_a_fixed_size_hangs_at_the_pointer(document, tool):
    stage = fixed(document, Proportion.SIZE, size=(64.0, 32.0))
    drag(tool, stage, (20.4, 30.4), (120.4, 90.6))
    assert document.selection.bounds() == Rect(120, 91, 64, 32)
    drag(tool, stage, (10, 20), (10, 20))
    assert document.selection.bounds() == Rect(10, 20, 64, 32)
    Hand(tool, stage, 200, 200).to(200, 200, alt=True).release(alt=True)
    assert document.selection.bounds() == Rect(168, 184, 64, 32)
