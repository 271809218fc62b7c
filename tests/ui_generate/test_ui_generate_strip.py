"""The strip of candidates with mouse and keys: choosing several, stars, comparing, more like one, its menu."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scumble.document import Rect
from scumble.files.png import Png
from scumble.generation.likeness import STRENGTH
from scumble.paint import reshape
from scumble.ui.generate.inputs import picture_of
from scumble.ui.generate.strip import COMPARE
from scumble.ui.generate.stripview import begins_job

CTRL, SHIFT, PLAIN = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)


@pytest.fixture
def three(bench):
    bench.open()
    bench.select()
    return bench.run(count=3, steps=1, prompt="a boat on a lake")


def place(bench, result) -> QPoint:
    view = bench.generation.strip.list
    item = bench.generation.strip._known[result]
    return view.visualItemRect(item).center()


def click(bench, result, keys=PLAIN):
    view = bench.generation.strip.list.viewport()
    QTest.mouseMove(view, place(bench, result))
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, keys, place(bench, result))


def menu_action(bench, text):
    menu = bench.generation.acts.make_menu()
    found = next(action for action in menu.actions() if action.text() == text)
    return menu, found


def test_pointing_shows_in_place_and_leaves_the_choice(bench, three):
    strip, candidates = bench.generation.strip, bench.generation.candidates
    click(bench, three[1])
    assert strip.chosen == (three[1],)
    QTest.mouseMove(strip.list.viewport(), place(bench, three[2]))
    bench.wait(lambda: candidates.shown is three[2], what="pointing")
    assert bench.generation.presenters[bench.session].picture.source is three[2]
    assert strip._is_selected(three[1])
    assert not strip._is_selected(three[2])


def test_several_are_chosen_with_ctrl_and_with_shift_and_discarded_together(bench, three, qtbot):
    strip, candidates = bench.generation.strip, bench.generation.candidates
    click(bench, three[0])
    click(bench, three[2], CTRL)
    assert strip.chosen == (three[0], three[2])
    qtbot.keyClick(strip.list, Qt.Key.Key_Delete)
    assert candidates.offered == (three[1],)
    assert candidates.shown is three[1]
    more = bench.run(count=2, steps=1)
    candidates.show(three[1])
    strip.list.setFocus()
    qtbot.keyClick(strip.list, Qt.Key.Key_Right, SHIFT)
    qtbot.keyClick(strip.list, Qt.Key.Key_Right, SHIFT)
    assert strip.chosen == (three[1], *more)
    qtbot.keyClick(strip.list, Qt.Key.Key_Left)
    assert len(strip.chosen) == 1


def test_a_star_is_given_and_taken(bench, three, qtbot):
    strip = bench.generation.strip
    click(bench, three[0])
    click(bench, three[1], CTRL)
    action = bench.window.commands.action("candidates.star")
    assert action.isEnabled()
    action.trigger()
    assert [result.starred for result in three] == [True, True, False]
    assert strip.star_button.isChecked()
    item = strip._known[three[0]]
    assert "starred" in item.data(Qt.ItemDataRole.AccessibleTextRole)
    click(bench, three[0])
    qtbot.mouseClick(strip.star_button, Qt.MouseButton.LeftButton)
    assert [result.starred for result in three] == [False, True, False]
    assert not strip.star_button.isChecked()


@pytest.mark.parametrize("where", ["canvas", "strip"])
def test_holding_a_key_shows_the_picture_without_it(bench, three, where):
    presenter = bench.generation.presenters[bench.session]
    widget = bench.window.canvas if where == "canvas" else bench.generation.strip.list
    plain = bench.window.canvas.grab().toImage()
    bench.generation.candidates.show(three[0])
    with_it = bench.window.canvas.grab().toImage()
    QTest.keyPress(widget, COMPARE)
    assert presenter.picture.hidden
    QApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyRelease, COMPARE, PLAIN, "\\", True))
    assert presenter.picture.hidden
    box = bench.window.canvas.viewport.to_view_rect(three[0].prepared.affected).toAlignedRect()
    middle = box.center()
    QTest.keyRelease(widget, COMPARE)
    assert not presenter.picture.hidden
    assert bench.window.canvas.grab().toImage().pixel(middle) == with_it.pixel(middle)
    QTest.mousePress(bench.generation.strip.compare_button, Qt.MouseButton.LeftButton)
    assert presenter.picture.hidden
    bench.generation.presenters[bench.session].context.veiled = True
    assert bench.window.canvas.grab().toImage().pixel(middle) != with_it.pixel(middle)
    QTest.mouseRelease(bench.generation.strip.compare_button, Qt.MouseButton.LeftButton)
    assert not presenter.picture.hidden
    assert plain.size() == with_it.size()


def test_jobs_are_told_apart(bench, three):
    more = bench.run(count=2, steps=1)
    view = bench.generation.strip.list
    begins = [begins_job(view.model().index(row, 0)) for row in range(view.count())]
    assert begins == [False, False, False, True, False]
    assert bench.generation.candidates.offered == (*three, *more)


def test_more_like_one_asks_again_with_another_seed(bench, three):
    candidates = bench.generation.candidates
    candidates.show(three[1])
    action = bench.window.commands.action("candidates.like")
    action.trigger()
    (job,) = bench.generation.board.jobs
    assert job.prepared.anchor.box == three[1].prepared.anchor.box
    assert job.prepared.job.params["prompt"] == "a boat on a lake"
    assert job.prepared.job.params["seed"] != three[1].prepared.job.params["seed"]
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    assert len(candidates.offered) == 6
    assert bench.document.history.position == 1


def test_a_tool_with_strength_begins_from_the_candidate(bench, three):
    bench.pick("quick-vary", steps=1)
    (result,) = bench.run("quick-vary", strength=1.0)
    bench.generation.candidates.show(result)
    bench.generation.acts.more_like()
    (job,) = bench.generation.board.jobs
    assert job.prepared.job.params["strength"] == STRENGTH
    height, width = result.candidate.image.shape[:2]
    assert job.prepared.job.inputs["image"].shape == (height, width, 3)
    assert (job.prepared.job.inputs["image"] == result.candidate.image).all()
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")


def test_one_that_was_made_of_words_alone_is_given_to_a_tool_that_starts_from_pictures(bench):
    bench.open()
    (result,) = bench.run("quick-new")
    bench.generation.candidates.show(result)
    bench.generation.acts.more_like()
    (job,) = bench.generation.board.jobs
    assert job.prepared.tool.id == "quick-vary"
    assert job.prepared.anchor.box == result.prepared.anchor.box
    assert job.prepared.job.params["strength"] == STRENGTH
    assert (job.prepared.job.inputs["image"] == result.candidate.image).all()
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    assert bench.generation.candidates.offered[-1].prepared.tool.id == "quick-vary"


def test_what_cannot_be_repeated_says_so(bench):
    bench.open()
    (result,) = bench.run("quick-double")
    bench.generation.candidates.show(result)
    bench.generation.acts.more_like()
    assert not bench.generation.board.jobs
    assert "cannot make more like this" in bench.window.messages.notes[0].text


def test_the_menu_copies_uses_and_saves(bench, three, tmp_path):
    candidates, form = bench.generation.candidates, bench.generation.dock.form
    candidates.show(three[2])
    _, seed = menu_action(bench, "Copy the seed")
    seed.trigger()
    assert QGuiApplication.clipboard().text() == str(three[2].candidate.seed)
    _, prompt = menu_action(bench, "Copy the prompt")
    prompt.trigger()
    assert QGuiApplication.clipboard().text() == "a boat on a lake"
    form.set_values({"prompt": "something else", "seed": -1})
    _, use = menu_action(bench, "Use its settings")
    use.trigger()
    assert form.values()["prompt"] == "a boat on a lake"
    assert form.values()["seed"] == three[2].candidate.seed
    bench.generation.acts.save_to(three[2].candidate.image, tmp_path / "one.png")
    bench.wait(lambda: not bench.window.background.busy, what="the file")
    assert (Png((tmp_path / "one.png").read_bytes()).pixels() == three[2].candidate.image).all()
    QGuiApplication.clipboard().clear()


def test_every_button_has_a_name_and_says_what_it_does(bench, three):
    strip = bench.generation.strip
    for button in (
        strip.like_button,
        strip.star_button,
        strip.compare_button,
        strip.together_button,
        strip.more_button,
        strip.clear_button,
    ):
        assert button.accessibleName()
        assert button.toolTip()
        assert not button.icon().isNull()


def test_a_candidate_is_shown_and_applied_where_its_place_has_gone(bench, three):
    presenter = bench.generation.presenters[bench.session]
    bench.generation.candidates.show(three[0])
    before = presenter.picture.box
    reshape.apply(bench.document, reshape.crop(Rect(40, 30, 180, 200), keep_outside=False), "Crop")
    assert presenter.picture.box == before.translated(-40, -30)
    bench.document.history.undo()
    assert presenter.picture.box == before
    reshape.apply(bench.document, reshape.flip(bench.document.structure, across=True), "Flip")
    layer_id = bench.generation.candidates.apply(three[0])
    layer = bench.document.paint_layer(layer_id)
    box = layer.recipe.box
    assert box.x == 256 - before.right
    image = three[0].candidate.image[:, ::-1]
    assert np.array_equal(layer.recipe.crop, image)
    steps = bench.document.history.position
    bench.document.history.undo()
    assert bench.document.history.position == steps - 1
    assert len(bench.document.layers) == 1
    assert bench.generation.candidates.offered == three[1:]


def test_a_candidate_that_is_shown_follows_a_flip_at_once(bench):
    """The canvas keeps its size, but not what lies where."""
    bench.open()
    bench.select(20, 80, 60, 50)
    (result,) = bench.run(steps=1)
    bench.generation.candidates.show(result)
    overlay = bench.generation.presenters[bench.session].picture
    before = picture_of(overlay._image)
    reshape.apply(bench.document, reshape.flip(bench.document.structure, across=True), "Flip")
    after = picture_of(overlay._image)
    assert overlay.source is result
    assert (after[..., 3] > 0).any()
    assert ((after[..., 3] > 0) == (before[:, ::-1, 3] > 0)).all()
    bench.document.history.undo()
    assert (picture_of(overlay._image) == before).all()
