"""Parts of several candidates painted together become one layer, pixel by pixel those that were chosen."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scumble.document import BGRA8, RGBA16, Rect
from scumble.generation import composite_mask
from scumble.paint import reshape
from scumble.ui.candidates.together import as_seen

CTRL, PLAIN = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


class Painter:
    """A hand in the mode; places are in document pixels."""

    def __init__(self, bench, results):
        self.bench, self.results = bench, results
        strip = bench.generation.strip
        for result in results:
            strip._known[result].setSelected(True)
        bench.generation.acts.paint_together()
        self.mode = bench.generation.acts.mode
        bench.window.tools.change_brush(size=30.0, hardness=1.0, opacity=1.0, flow=1.0)

    def stroke(self, *places, keys=PLAIN):
        canvas = self.bench.window.canvas
        points = [QPointF(canvas.viewport.to_view(*place).toPoint()) for place in places]
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, keys, points[0].toPoint())
        for point in points[1:]:
            event = QMouseEvent(
                QEvent.Type.MouseMove,
                point,
                canvas.mapToGlobal(point),
                Qt.MouseButton.LeftButton,
                Qt.MouseButton.LeftButton,
                keys,
            )
            QApplication.sendEvent(canvas, event)
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, keys, points[-1].toPoint())

    def key(self, key, keys=PLAIN):
        QTest.keyClick(self.bench.window.canvas, key, keys)


def zoom_to_pixels(bench):
    canvas = bench.window.canvas
    canvas.set_viewport(canvas.viewport.zoomed(1.0))


def begin(bench, pixel_format=BGRA8, count=3):
    bench.open(pixel_format=pixel_format)
    zoom_to_pixels(bench)
    bench.select()
    return Painter(bench, bench.run(count=count, steps=1))


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16], ids=lambda value: value.name)
def test_one_layer_of_parts_bit_for_bit(bench, pixel_format):
    hand = begin(bench, pixel_format)
    steps = bench.document.history.position
    pictures = [as_seen(bench.document, *result.placed()) for result in hand.results]
    prepared = hand.results[0].prepared
    box = prepared.anchor.box
    hand.stroke((100, 100))
    hand.key(Qt.Key.Key_3)
    assert hand.mode.source == 2
    hand.stroke((125, 110), (128, 112))
    hand.key(Qt.Key.Key_Return)
    assert hand.mode.results == hand.results
    assert bench.generation.acts.mode is None
    assert bench.document.history.position == steps + 1
    layer = bench.document.active
    found = bench.document.surface(layer.surface).read(box)
    same = np.stack([(found == picture).all(axis=2) for picture in pictures])

    def at(x, y):
        return same[:, y - box.y, x - box.x].tolist()

    assert at(100, 100) == [False, True, False]
    assert at(126, 111) == [False, False, True]
    assert at(85, 128) == [True, False, False]
    mixed = ~same.any(axis=0)
    assert mixed.sum() < 0.1 * box.area
    mask = bench.document.surface(layer.mask).read(box)
    assert (mask == composite_mask(prepared.selection, prepared.blend)).all()
    recipe = layer.recipe
    assert recipe.params["seed"] == hand.results[0].candidate.seed
    assert f"seed {hand.results[1].candidate.seed}" in recipe.notes["together-with"]
    assert f"seed {hand.results[2].candidate.seed}" in recipe.notes["together-with"]
    assert not bench.generation.candidates.offered
    bench.document.history.undo()
    assert len(bench.document.layers) == 1


def test_a_soft_brush_mixes_and_alt_paints_the_first_back(bench):
    hand = begin(bench, count=2)
    first, second = (as_seen(bench.document, *result.placed()).astype(int) for result in hand.results)
    bench.window.tools.change_brush(opacity=0.5)
    hand.stroke((110, 105))
    box = hand.results[0].prepared.anchor.box
    y, x = 105 - box.y, 110 - box.x
    half = hand.mode.together.pixels.astype(int)[y, x]
    assert (np.abs(half - (first + second)[y, x] / 2) <= 1.5).all()
    bench.window.tools.change_brush(opacity=1.0)
    hand.stroke((110, 105), keys=Qt.KeyboardModifier.AltModifier)
    assert (hand.mode.together.pixels[y, x] == first[y, x]).all()
    hand.key(Qt.Key.Key_Escape)


def test_what_is_painted_is_seen_at_once(bench):
    hand = begin(bench, count=2)
    canvas = bench.window.canvas
    canvas.set_viewport(canvas.viewport.zoomed(4.0).centred_on(110.5, 105.5))
    place = canvas.viewport.to_view(110.5, 105.5).toPoint()
    before = canvas.grab().toImage().pixelColor(place)
    hand.stroke((110, 105))
    canvas.leaveEvent(QEvent(QEvent.Type.Leave))
    after = canvas.grab().toImage().pixelColor(place)
    second = hand.results[1]
    box = second.prepared.anchor.box
    blue, green, red, _ = as_seen(bench.document, *second.placed())[105 - box.y, 110 - box.x].tolist()
    assert before != after
    assert (after.red(), after.green(), after.blue()) == (red, green, blue)
    hand.key(Qt.Key.Key_Escape)


def test_undo_takes_strokes_back_and_escape_leaves_all_as_it_was(bench):
    hand = begin(bench)
    steps = bench.document.history.position
    plain = hand.mode.together.pixels
    hand.stroke((100, 100))
    painted = hand.mode.together.pixels
    assert (painted != plain).any()
    hand.key(Qt.Key.Key_Z, CTRL)
    assert (hand.mode.together.pixels == plain).all()
    hand.key(Qt.Key.Key_Y, CTRL)
    assert (hand.mode.together.pixels == painted).all()
    assert bench.document.history.position == steps
    hand.key(Qt.Key.Key_Escape)
    assert bench.generation.acts.mode is None
    assert bench.document.history.position == steps
    assert bench.generation.candidates.offered == hand.results
    assert len(bench.document.layers) == 1


def test_the_strip_shows_numbers_and_a_click_chooses(bench):
    hand = begin(bench)
    strip = bench.generation.strip
    assert strip.list.numbers == {result: place for place, result in enumerate(hand.results, 1)}
    assert strip.list.source is hand.results[1]
    assert strip.discard_button.text() == "Give up"
    view, item = strip.list.viewport(), strip._known[hand.results[0]]
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, PLAIN, strip.list.visualItemRect(item).center())
    assert hand.mode.source == 0
    assert strip.list.source is hand.results[0]
    assert bench.generation.candidates.shown is None
    hand.stroke((100, 100))
    QTest.mouseClick(strip.apply_button, Qt.MouseButton.LeftButton)
    assert bench.generation.acts.mode is None
    assert not strip.list.numbers
    assert len(bench.document.layers) == 2


def test_brackets_resize_the_brush_and_do_not_end_it(bench):
    hand = begin(bench)
    size = bench.window.tools.brush.size
    hand.key(Qt.Key.Key_BracketRight)
    assert bench.window.tools.brush.size > size
    assert bench.generation.acts.mode is hand.mode
    hand.key(Qt.Key.Key_Escape)


@pytest.mark.parametrize("painted", [True, False])
def test_what_comes_between_loses_no_work(bench, painted):
    """Another tool is taken: what was painted is applied; nothing is where nothing was."""
    hand = begin(bench)
    if painted:
        hand.stroke((100, 100))
    bench.window.tools.set_tool("eraser")
    assert bench.generation.acts.mode is None
    assert bench.window.tools.tool == "eraser"
    assert len(bench.document.layers) == (2 if painted else 1)
    assert len(bench.generation.candidates.offered) == (0 if painted else 3)


def test_a_document_that_is_closed_in_the_middle_does_no_harm(bench):
    hand = begin(bench)
    hand.stroke((100, 100))
    bench.window.drop_session(bench.session)
    assert bench.generation.acts.mode is None
    assert not bench.generation.strip.list.numbers
    bench.open()
    assert bench.window.session is not None


def test_candidates_of_two_places_are_refused_in_a_sentence(bench):
    bench.open(width=1500, height=900)
    bench.select(40, 40, 60, 50)
    (first,) = bench.run(count=1, steps=1)
    bench.select(1400, 800, 60, 50)
    (second,) = bench.run(count=1, steps=1)
    hand = Painter(bench, (first, second))
    assert hand.mode is None
    assert "not of one place" in bench.window.messages.notes[0].text


def test_one_alone_is_refused(bench):
    hand = begin(bench, count=1)
    assert hand.mode is None
    assert "Choose from two to 9 candidates" in bench.window.messages.notes[0].text
    assert not bench.window.commands.action("candidates.together").isEnabled()


def test_on_a_picture_that_was_cropped_since(bench):
    bench.open()
    zoom_to_pixels(bench)
    bench.select()
    results = bench.run(count=2, steps=1)
    reshape.apply(bench.document, reshape.crop(Rect(30, 20, 200, 200), keep_outside=False), "Crop")
    hand = Painter(bench, results)
    box = results[0].prepared.anchor.box.translated(-30, -20)
    hand.stroke((80, 80))
    hand.key(Qt.Key.Key_Return)
    layer = bench.document.active
    found = bench.document.surface(layer.surface).read(box)
    expected = as_seen(bench.document, *results[1].placed())
    assert (found[80 - box.y, 80 - box.x] == expected[80 - box.y, 80 - box.x]).all()
    assert layer.recipe.box == box


@pytest.mark.parametrize("at_once", [False, True])
def test_what_comes_meanwhile_waits_in_the_strip(bench, at_once):
    bench.open()
    zoom_to_pixels(bench)
    bench.select()
    results = bench.run(count=2, steps=1)
    bench.window.settings.set("generate.apply", at_once)
    bench.pick("quick-fill", count=1, steps=20, pause=0.05)
    bench.generation.generate()
    hand = Painter(bench, results)
    hand.stroke((100, 100))
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    assert bench.generation.acts.mode is hand.mode
    assert bench.generation.candidates.shown is None
    (more,) = [result for result in bench.generation.candidates.offered if result not in results]
    assert len(bench.document.layers) == 1
    hand.key(Qt.Key.Key_Return)
    assert len(bench.document.layers) == 2
    assert bench.generation.candidates.offered == (more,)
