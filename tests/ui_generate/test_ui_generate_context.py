"""The context box in the window: drawn as one selects, dragged, locked, and used."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from scumble.api import ModelInfo
from scumble.document import SELECTION, Rect
from scumble.document.document import Document
from scumble.document.edits import add_layer, deselect, select
from scumble.paint.reshape import apply, crop, flip
from scumble.ui.generate.contextbox import Choice
from scumble.ui.generate.contextwords import seen_label
from scumble.ui.generate.overlays import ContextOverlay
from scumble.ui.reshaping import reshape
from scumble.ui.theme import load_theme


class Hand:
    """A hand on the context box of a bench."""

    def __init__(self, bench, qtbot):
        self.bench, self.qtbot = bench, qtbot

    @property
    def presenter(self):
        return self.bench.generation.presenters[self.bench.session]

    @property
    def contexts(self):
        return self.bench.generation.contexts

    @property
    def canvas(self):
        return self.bench.window.canvas

    @property
    def box(self):
        (part,) = self.presenter.parts
        return part.region.box

    def shown(self):
        """Waits until what is shown is what would be asked for now."""
        self.bench.wait(lambda: not self.presenter._timer.isActive(), what="the context box")

    def choose(self, *parts, tool="quick-fill"):
        self.bench.pick(tool)
        for place, part in enumerate(parts):
            select(self.bench.document, part, mode="add" if place else "replace")
        self.shown()

    def at(self, x, y):
        return self.canvas.viewport.to_view(x, y).toPoint()

    def drag(self, start, end):
        begin, stop = self.at(*start), self.at(*end)
        QTest.mousePress(self.canvas, Qt.MouseButton.LeftButton, pos=begin)
        for part in (0.3, 0.7, 1.0):
            QTest.mouseMove(self.canvas, begin + (stop - begin) * part)
        QTest.mouseRelease(self.canvas, Qt.MouseButton.LeftButton, pos=stop)

    def edit(self):
        self.bench.window.commands.action("context.edit").trigger()
        assert self.contexts.mode is not None


@pytest.fixture
def hand(bench, qtbot):
    bench.open(width=1200, height=1000)
    made = Hand(bench, qtbot)
    made.canvas.fit()
    return made


def test_an_edge_is_dragged_and_the_job_uses_the_box(hand):
    hand.choose(Rect(500, 400, 100, 80))
    before = hand.box
    hand.edit()
    hand.drag((before.x, before.y + before.height // 2), (before.x - 100, before.y))
    after = hand.box
    assert after.x < before.x - 60
    assert (after.y, after.right, after.bottom) == (before.y, before.right, before.bottom)
    assert after.width % 8 == 0
    hand.drag((after.right, after.bottom), (after.right + 60, after.bottom + 40))
    assert hand.box.right > after.right
    assert hand.box.bottom > after.bottom
    QTest.keyClick(hand.canvas, Qt.Key.Key_Return)
    assert hand.contexts.mode is None
    chosen = hand.box
    steps = hand.bench.document.history.position
    (result,) = hand.bench.run(steps=1)
    assert result.prepared.anchor.box == chosen
    assert hand.bench.document.history.position == steps


def test_the_box_always_holds_what_may_change(hand):
    hand.choose(Rect(500, 400, 100, 80))
    hand.edit()
    box, need = hand.box, hand.presenter.need
    hand.drag((box.x, box.y), (700, 600))
    assert hand.box.covers(need)
    hand.drag((hand.box.x + 20, hand.box.y + 20), (2000, 2000))
    assert hand.box.covers(need)
    assert hand.bench.document.bounds.covers(hand.box)


def test_escape_takes_it_back_and_undo_goes_step_by_step(hand):
    hand.choose(Rect(500, 400, 100, 80))
    first = hand.box
    hand.edit()
    hand.drag((first.right, first.y + first.height // 2), (first.right + 90, first.y))
    second = hand.box
    hand.drag((second.right, second.y + second.height // 2), (second.right + 90, second.y))
    assert hand.box != second
    QTest.keyClick(hand.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert hand.box == second
    QTest.keyClick(hand.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert hand.box == first
    hand.drag((first.right, first.y + first.height // 2), (first.right + 90, first.y))
    QTest.keyClick(hand.canvas, Qt.Key.Key_Escape)
    assert hand.box == first
    assert hand.contexts.mode is None
    assert hand.presenter.choice is Choice.AUTOMATIC
    assert hand.bench.document.history.position == 1


def test_keys_move_and_resize(hand):
    hand.choose(Rect(500, 400, 100, 80))
    before = hand.box
    hand.edit()
    QTest.keyClick(hand.canvas, Qt.Key.Key_Left)
    QTest.keyClick(hand.canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert hand.box == before.translated(-1, 8)
    QTest.keyClick(hand.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert hand.box.right > before.translated(-1, 8).right
    assert hand.box.x == before.x - 1


def test_a_stroke_across_the_frame_paints(hand):
    hand.choose(Rect(500, 400, 100, 80))
    before = hand.box
    steps = hand.bench.document.history.position
    hand.bench.window.tools.set_tool("brush")
    hand.drag((before.x, 440), (560, 440))
    assert hand.bench.document.history.position == steps + 1
    assert hand.box == before


def test_the_label_is_the_way_in_and_any_tool_the_way_out(hand):
    hand.choose(Rect(500, 400, 100, 80))
    hand.canvas.grab()
    place = hand.presenter.context._places[0].center().toPoint()
    steps = hand.bench.document.history.position
    QTest.mouseMove(hand.canvas, place)
    QTest.mouseClick(hand.canvas, Qt.MouseButton.LeftButton, pos=place)
    assert hand.contexts.mode is not None
    assert hand.bench.document.history.position == steps
    assert hand.bench.window.commands.action("context.edit").isChecked()
    hand.bench.window.tools.set_tool("select")
    assert hand.contexts.mode is None
    assert not hand.presenter.context.editing


def test_a_box_by_hand_goes_with_the_selection_and_a_locked_one_stays(hand):
    hand.choose(Rect(500, 400, 100, 80))
    hand.edit()
    QTest.keyClick(hand.canvas, Qt.Key.Key_Left)
    QTest.keyClick(hand.canvas, Qt.Key.Key_Return)
    assert hand.presenter.choice is Choice.BY_HAND
    assert "set by hand" in hand.contexts.line.text.text()
    by_hand = hand.box
    deselect(hand.bench.document)
    hand.choose(Rect(520, 410, 60, 60))
    assert hand.presenter.choice is Choice.AUTOMATIC
    lock = hand.bench.window.commands.action("context.lock")
    hand.contexts.of(hand.bench.session).set(by_hand)
    lock.trigger()
    deselect(hand.bench.document)
    hand.choose(Rect(540, 430, 40, 40))
    assert (hand.box, hand.presenter.choice) == (by_hand, Choice.LOCKED)
    assert lock.isChecked()
    hand.choose(Rect(20, 20, 40, 40))
    assert hand.presenter.choice is Choice.TOO_SMALL
    assert hand.box.covers(Rect(20, 20, 40, 40))
    assert "locked box does not hold" in hand.contexts.line.text.toolTip()
    hand.choose(Rect(540, 430, 40, 40))
    assert hand.box == by_hand
    hand.bench.window.commands.action("context.reset").trigger()
    assert hand.presenter.choice is Choice.AUTOMATIC
    assert not lock.isChecked()


def test_a_new_size_of_the_canvas_ends_it(hand):
    hand.choose(Rect(500, 400, 100, 80))
    hand.bench.window.commands.action("context.lock").trigger()
    assert hand.contexts.of(hand.bench.session).locked
    reshape(hand.bench.window, hand.bench.session, crop(Rect(100, 100, 800, 800), keep_outside=False), "Crop")
    hand.bench.wait(lambda: hand.bench.document.width == 800, what="the crop")
    assert not hand.contexts.of(hand.bench.session).locked


def test_far_islands_are_jobs_of_their_own(hand):
    hand.choose(Rect(40, 50, 60, 60), Rect(1000, 800, 70, 50))
    assert len(hand.presenter.context.seen) == 2
    assert "2 contexts" in hand.contexts.line.text.text()
    made = hand.bench.run(steps=1)
    assert len(made) == 2
    first, second = (result.prepared for result in made)
    assert first.affected.covers(Rect(40, 50, 60, 60))
    assert second.affected.covers(Rect(1000, 800, 70, 50))
    assert (first.affected & second.affected).empty
    seeds = {result.candidate.seed for result in made}
    assert len(seeds) == 1
    for result in made:
        hand.bench.generation.candidates.apply(result)
    assert hand.bench.document.history.position == 4


def test_islands_under_a_box_by_hand_are_one_job(hand):
    hand.choose(Rect(40, 50, 60, 60), Rect(1000, 800, 70, 50))
    hand.edit()
    QTest.keyClick(hand.canvas, Qt.Key.Key_Return)
    assert hand.box.covers(Rect(40, 50, 1030, 800))
    assert len(hand.bench.run(steps=1)) == 1


@pytest.mark.parametrize(
    ("size", "selection"),
    [
        ((64, 64), Rect(20, 30, 1, 1)),
        ((64, 64), Rect(0, 0, 64, 64)),
        ((1000, 40), Rect(900, 10, 50, 20)),
        ((16384, 16384), Rect(9000, 12000, 200, 100)),
    ],
)
def test_odd_sizes_work(bench, qtbot, size, selection):
    bench.window.open_document(empty(*size), None, "Odd")
    hand = Hand(bench, qtbot)
    hand.choose(selection)
    assert bench.document.bounds.covers(hand.box)
    assert hand.box.covers(selection)
    (result,) = bench.run(steps=1)
    assert result.prepared.affected.covers(selection)
    bench.generation.candidates.apply(result)
    assert bench.document.history.position == 3


def test_everything_of_a_huge_canvas_is_outlined(bench, qtbot):
    bench.window.open_document(empty(16384, 16384), None, "Huge")
    hand = Hand(bench, qtbot)
    hand.choose(Rect(0, 0, 16384, 16384))
    assert hand.box == bench.document.bounds
    around = hand.presenter.context.affected.boundingRect()
    assert (around.width(), around.height()) == (16384, 16384)


def test_a_selection_with_holes_and_pixels_outside(bench, qtbot):
    bench.open(width=400, height=300)
    hand = Hand(bench, qtbot)
    select(bench.document, Rect(100, 100, 100, 100))
    select(bench.document, Rect(120, 120, 40, 40), mode="subtract")
    with bench.document.history.transaction("Outside") as edit:
        edit.put(SELECTION, Rect(380, 280, 60, 60), np.full((60, 60), 255, np.uint8))
    bench.pick("quick-fill")
    hand.shown()
    assert bench.document.bounds.covers(hand.box)
    assert hand.box.covers(Rect(100, 100, 300, 200))
    (result,) = bench.run(steps=1)
    assert bench.document.bounds.covers(result.prepared.affected)


def test_time_is_foretold_after_a_first_job_and_remembered(hand, make_bench, service):
    hand.choose(Rect(500, 400, 100, 80))
    line = hand.contexts.line
    assert "about" not in line.forecast.text()
    hand.bench.run(steps=4, pause=0.02)
    hand.bench.generation.candidates.show(None)
    hand.shown()
    assert "about 1 s" in line.forecast.text()
    hand.bench.generation.dock.form.set_values({"steps": 1000})
    hand.shown()
    assert "about" in line.forecast.text()
    assert "about 1 s" not in line.forecast.text()
    other = make_bench(service)
    other.open(width=1200, height=1000)
    again = Hand(other, hand.qtbot)
    again.choose(Rect(500, 400, 100, 80))
    assert "about" in again.contexts.line.forecast.text()


def test_without_a_selection_there_is_no_box_to_set(hand):
    hand.bench.pick("quick-fill")
    hand.shown()
    commands = hand.bench.window.commands
    assert not commands.action("context.edit").isEnabled()
    assert not hand.contexts.line.isVisible()
    hand.contexts.edit()
    assert hand.contexts.mode is None


def empty(width, height):
    document = Document(width, height)
    add_layer(document, "Ground")
    return document


def test_two_passes_are_a_choice(hand):
    hand.bench.generation.dock.set_models([ModelInfo("m", "Small", "small", 128, 4, 4)])
    hand.choose(Rect(500, 400, 200, 180), tool="inpaint")
    (part,) = hand.presenter.parts
    assert part.region.passes == 2
    assert "two passes" in hand.contexts.line.text.text()
    assert "MB" in hand.contexts.line.forecast.text()
    action = hand.bench.window.commands.action("generate.two-passes")
    assert action.isChecked()
    action.trigger()
    (part,) = hand.presenter.parts
    assert part.region.passes == 1
    assert part.region.scale < 1
    assert "two passes" not in hand.presenter.context.seen[0].label
    assert not hand.bench.window.settings.flag("generate.two-passes")


def test_the_labels_of_two_contexts_do_not_lie_on_each_other(hand):
    hand.choose(Rect(500, 400, 100, 80))
    overlay = hand.presenter.context
    (seen,) = overlay.seen
    overlay.show(seen, replace(seen, region=replace(seen.region, box=seen.region.box.translated(24, 0))))
    hand.canvas.grab()
    first, second = overlay._places
    assert not first.intersects(second)


def test_a_tool_that_begins_from_words_is_not_said_to_see_anything(hand):
    hand.choose(Rect(500, 400, 100, 80))
    (seen,) = hand.presenter.context.seen
    assert seen_label(seen.region, sees=False).startswith("The model draws ")
    assert seen_label(seen.region).startswith("The model sees ")


@pytest.mark.parametrize("name", ["dark", "light", "contrast"])
def test_the_lines_on_the_picture_are_light_in_every_theme(name):
    assert ContextOverlay(load_theme(name))._accent.lightnessF() > 0.6


def test_a_flip_ends_a_box_that_was_locked(hand):
    """The size is the same, but what it was round lies elsewhere."""
    hand.choose(Rect(100, 100, 60, 50))
    hand.contexts.of(hand.bench.session).lock(Rect(50, 50, 400, 400))
    hand.shown()
    assert hand.presenter.choice is Choice.LOCKED
    apply(hand.bench.document, flip(hand.bench.document.structure, across=True), "Flip")
    hand.shown()
    assert hand.presenter.choice is Choice.AUTOMATIC
