"""The whole road with a real engine: the form, the job, the candidate, the layer; and what may come between."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit

from scumble.document import BGRA8, RGBA16, PaintLayer, Recipe, Rect
from scumble.document.edits import add_layer, deselect
from scumble.generation import Blend, composite_mask
from scumble.render import flatten
from scumble.ui.generate.edge import AutoSpin


def planes(document):
    return {surface: dict(tiles) for surface, tiles in document.snapshot().planes.items()}


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16], ids=lambda value: value.name)
def test_a_fill_becomes_a_layer_and_nothing_else_changes(bench, pixel_format):
    bench.open(pixel_format=pixel_format)
    bench.select()
    before, seen = planes(bench.document), flatten(bench.document.snapshot(), bench.document.bounds)
    steps = bench.document.history.position
    (result,) = bench.run(steps=2)
    assert bench.document.history.position == steps
    assert bench.generation.candidates.shown is result
    layer_id = bench.generation.candidates.apply(result)
    assert bench.document.history.position == steps + 1
    layer = bench.document.paint_layer(layer_id)
    assert layer.recipe.params["seed"] == result.candidate.seed
    assert layer.recipe.plugin == "org.example.quick"
    assert layer.recipe.notes == {"dtype": "none"}
    after = flatten(bench.document.snapshot(), bench.document.bounds)
    changed = (after != seen).any(axis=2)
    affected = np.zeros(changed.shape, bool)
    affected[result.prepared.affected.slices(bench.document.bounds)] = True
    assert changed.any()
    assert not (changed & ~affected).any()
    for surface, tiles in before.items():
        assert dict(bench.document.snapshot().planes[surface]) == tiles
    bench.document.history.undo()
    assert (flatten(bench.document.snapshot(), bench.document.bounds) == seen).all()
    assert planes(bench.document).keys() >= before.keys()


def test_progress_and_preview_are_shown_in_place_and_the_job_ends(bench):
    session = bench.open()
    bench.select()
    bench.pick("quick-fill", steps=6, pause=0.08)
    bench.generation.generate()
    presenter = bench.generation.presenters[session]
    bench.wait(lambda: presenter.picture.source is not None, what="the preview")
    (job,) = bench.generation.board.jobs
    row = bench.generation.jobs.rows[job.id]
    assert presenter.picture.source is job
    assert row.isVisible()
    assert row.bar.maximum() == 6
    assert "of 6" in row.state.text()
    bench.wait(lambda: "left" in row.state.text() or not bench.generation.board.jobs, what="the seconds left")
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    assert presenter.picture.source is bench.generation.candidates.shown
    assert not bench.generation.jobs.isVisible()


def test_cancel_works_at_once_and_the_next_job_runs(bench):
    bench.open()
    bench.select()
    bench.pick("quick-fill", steps=1000, pause=0.05)
    bench.generation.generate()
    bench.wait(lambda: bench.generation.board.jobs[0].step > 0, what="a step")
    (job,) = bench.generation.board.jobs
    bench.generation.jobs.rows[job.id].cancel.click()
    assert not bench.generation.board.jobs
    assert bench.generation.presenters[bench.session].picture.source is None
    assert len(bench.run(steps=1, pause=0.0)) == 1
    assert bench.document.history.position == 1


def test_jobs_are_held_put_first_and_replaced(bench, qtbot):
    bench.open()
    bench.select()
    bench.pick("quick-fill", steps=100, pause=0.01)
    board, window = bench.generation.board, bench.window
    for _ in range(3):
        bench.generation.generate()
    bench.wait(lambda: board.jobs[0].step > 0 and board.jobs[2].before == 2, what="a step")
    running, second, third = board.jobs
    rows = bench.generation.jobs.rows
    rows[running.id].hold.click()
    bench.wait(lambda: running.paused, what="the pause")
    assert "paused at step" in rows[running.id].state.text()
    assert rows[third.id].first.isVisibleTo(window)
    assert rows[second.id].first.isVisibleTo(window)
    assert not rows[running.id].first.isVisibleTo(window)
    rows[third.id].first.click()
    bench.wait(lambda: board.jobs == (running, third, second), what="the order")
    assert bench.generation.jobs.layout().itemAt(1).widget() is rows[third.id]
    qtbot.keyClick(window.canvas, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    bench.wait(lambda: len(board.jobs) == 2 and third not in board.jobs, what="the replacement")
    rows[running.id].hold.click()
    bench.wait(lambda: not running.paused, what="going on")
    assert "paused" not in rows[running.id].state.text()
    board.cancel_all()


def test_a_failure_is_said_calmly_with_its_details(bench):
    bench.open()
    bench.select()
    steps = bench.document.history.position
    bench.run(steps=1, pause=0.0, fails=True)
    message = bench.generation.dock.message
    assert message.isVisible()
    assert "no paint left" in message.text.text()
    assert "Nothing in the picture was changed" in message.text.text()
    message.more.click()
    (dialog,) = bench.window.findChildren(QDialog)
    assert "ValueError: no paint left" in dialog.findChild(QPlainTextEdit).toPlainText()
    dialog.close()
    assert bench.document.history.position == steps
    bench.run(steps=1, fails=False)
    assert not message.isVisible()


def test_without_a_selection_the_dock_says_what_to_do(bench):
    bench.open()
    bench.pick("quick-fill")
    bench.generation.generate()
    assert not bench.generation.board.jobs
    assert "Select what should change first" in bench.generation.dock.message.text.text()


def test_painting_goes_on_while_a_job_runs(bench):
    bench.open()
    bench.select()
    bench.pick("quick-fill", steps=5, pause=0.05)
    bench.generation.generate()
    layer = bench.document.active
    with bench.document.history.transaction("Paint") as edit:
        edit.put(layer.surface, Rect(0, 0, 20, 20), np.full((20, 20, 4), 255, np.uint8))
    add_layer(bench.document, "Another")
    painted = bench.document.surface(layer.surface).read(bench.document.bounds)
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    bench.generation.strip.apply_shown()
    names = [node.name for node in bench.document.layers]
    assert names == ["Ground", "Quick fill", "Another"]
    assert (bench.document.surface(layer.surface).read(bench.document.bounds) == painted).all()


def test_a_document_that_is_closed_meanwhile_loses_nothing(bench):
    session = bench.open(title="Closed")
    bench.select()
    bench.window.settings.set("generate.apply", True)  # there is nothing that it could be applied to
    bench.pick("quick-fill", steps=20, pause=0.05)
    bench.generation.generate()
    bench.wait(lambda: bench.generation.board.jobs[0].step > 0, what="a step")
    bench.window.drop_session(session)
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    (result,) = bench.generation.candidates.offered
    assert result.session is None
    assert bench.session is None
    bench.generation.candidates.show(result)
    bench.generation.strip.apply_shown()
    assert bench.session is not None
    height, width = result.candidate.image.shape[:2]
    assert (bench.document.width, bench.document.height) == (width, height)
    assert bench.session.modified


def test_a_picture_opens_as_a_document_of_its_own(bench):
    first = bench.open(width=100, height=60)
    (result,) = bench.run("quick-double")
    assert not result.in_place
    bench.generation.candidates.apply(result)
    assert bench.session is not first
    assert (bench.document.width, bench.document.height) == (200, 120)
    layer = bench.document.layers[0]
    assert isinstance(layer, PaintLayer)
    assert layer.recipe.tool == "quick-double"


def test_a_tool_that_needs_no_picture_makes_one(bench):
    assert bench.session is None
    bench.pick("quick-new", width=128, height=64)
    bench.generation.generate()
    assert (bench.document.width, bench.document.height) == (128, 64)
    bench.wait(lambda: bool(bench.generation.candidates.offered), what="the picture")
    bench.generation.strip.apply_shown()
    assert len(bench.document.layers) == 2


def test_a_tool_that_needs_a_picture_says_so(bench):
    bench.pick("quick-double")
    bench.generation.generate()
    assert "works on a picture" in bench.generation.dock.message.text.text()


def test_the_dock_says_what_to_do_first(bench):
    dock = bench.generation.dock
    bench.pick("quick-new")
    bench.wait(lambda: "No picture is open" in dock.hint.text())
    assert dock.hint.isVisible()
    bench.pick("quick-fill")
    bench.wait(lambda: "Make a picture or open one" in dock.hint.text())
    bench.open()
    bench.wait(lambda: "mask brush (M)" in dock.hint.text())
    bench.generation.generate()
    assert dock.message.isVisible()
    assert not dock.hint.isVisible()
    bench.select()
    bench.wait(lambda: not dock.message.isVisible(), what="the message's end")
    assert not dock.hint.isVisible()
    bench.pick("quick-like")
    bench.wait(lambda: "Choose a style picture" in dock.hint.text())
    style = bench.document.layers[0].id
    dock.form.picture_fields["style"].choose_layer(style)
    bench.wait(lambda: not dock.hint.isVisible())


def test_who_opens_the_program_first_sees_a_tool_that_needs_no_picture(bench):
    assert not bench.generation.dock.tool.inputs


def test_a_style_picture_is_chosen_from_a_layer(bench):
    bench.open()
    red = np.empty((256, 256, 4), np.uint8)
    red[:] = BGRA8.solid(1.0, 0.0, 0.0)
    style = add_layer(bench.document, "Red", pixels=red)
    bench.document.activate(bench.document.layers[0].id)
    bench.pick("quick-like")
    bench.generation.generate()
    assert "needs “Style picture”" in bench.generation.dock.message.text.text()
    bench.generation.dock.form.picture_fields["style"].choose_layer(style)
    (result,) = bench.run("quick-like")
    assert (result.candidate.image == [255, 0, 0]).all()


def test_keys_on_the_canvas_walk_discard_hide_and_apply(bench, qtbot):
    bench.open()
    bench.select()
    results = bench.run(count=3, steps=1)
    candidates, canvas = bench.generation.candidates, bench.window.canvas
    canvas.setFocus()
    assert candidates.shown is results[0]
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert candidates.shown is results[1]
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert candidates.offered == (results[0], results[2])
    assert candidates.shown is results[2]
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert candidates.shown is None
    steps = bench.document.history.position
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert bench.document.history.position == steps
    candidates.show(results[2])
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert bench.document.history.position == steps + 1
    assert bench.document.active.recipe.params["seed"] == results[2].candidate.seed
    assert candidates.offered == (results[0],)


def test_keys_of_the_strip(bench, qtbot):
    bench.open()
    bench.select()
    results = bench.run(count=2, steps=1)
    strip = bench.generation.strip
    assert strip.list.count() == 2
    assert strip.list.currentRow() == 0
    qtbot.keyClick(strip.list, Qt.Key.Key_Left)
    assert bench.generation.candidates.shown is results[1]
    assert strip.list.currentRow() == 1
    qtbot.keyClick(strip.list, Qt.Key.Key_Backspace)
    assert strip.list.count() == 1
    qtbot.keyClick(strip.list, Qt.Key.Key_Return)
    assert strip.list.count() == 0
    assert bench.document.active.recipe is not None
    assert strip.empty.isVisible()


def test_results_can_be_applied_at_once(bench):
    bench.open()
    bench.select()
    bench.window.commands.action("generate.at-once").trigger()
    assert bench.window.settings.flag("generate.apply")
    bench.pick("quick-fill", steps=1, count=2)
    bench.generation.generate()
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    bench.wait(lambda: bench.document.active.recipe is not None, what="the layer")
    assert len(bench.generation.candidates.offered) == 1


def test_the_context_and_the_affected_area_are_drawn_as_one_selects(bench):
    session = bench.open(width=600, height=600)
    presenter = bench.generation.presenters[session]
    bench.pick("quick-fill")
    bench.select(200, 220, 40, 30)
    bench.wait(lambda: presenter.context.region is not None, what="the context box")
    box = presenter.context.region.box
    assert box.covers(Rect(200, 220, 40, 30))
    affected = presenter.context.affected.boundingRect()
    wish = bench.generation.dock.wish()
    assert not presenter.context.veiled
    (result,) = bench.run(steps=1)
    assert presenter.context.veiled
    bench.generation.candidates.show(None)
    assert not presenter.context.veiled
    exact = result.prepared.affected
    assert (affected.left(), affected.top()) == (exact.x, exact.y)
    assert (affected.width(), affected.height()) == (exact.width, exact.height)
    assert wish.tool.id == "quick-fill"
    deselect(bench.document)
    bench.wait(lambda: presenter.context.region is None, what="its going")


def test_the_layer_can_be_blended_anew_without_the_model(bench):
    bench.open()
    bench.select()
    (result,) = bench.run(steps=1)
    bench.generation.strip.apply_shown()
    panel = bench.generation.recipe
    layer = bench.document.active
    assert panel.isVisible()
    assert f"seed {result.candidate.seed}" in panel.facts.text()
    steps = bench.document.history.position
    slider = panel.edge.grow[0]
    slider.sliderPressed.emit()
    for value in (5, 9, 20):
        slider.setValue(value)
        bench.wait(lambda: not panel.blend._later.isActive(), what="the new mask")
    slider.sliderReleased.emit()
    assert bench.document.history.position == steps + 1
    expected = composite_mask(result.prepared.selection, Blend(20, panel.edge.blend().feather))
    assert (bench.document.surface(layer.mask).read(result.prepared.anchor.box) == expected).all()
    panel.edge.feather[1].setValue(0)
    assert bench.document.history.position == steps + 2
    assert bench.document.active.recipe.blend["grow"] == 20
    assert bench.document.active.recipe.blend["feather"] == 0
    bench.document.history.undo()
    bench.document.history.undo()
    assert bench.document.active.recipe.blend == layer.recipe.blend
    assert panel.edge.blend() == Blend.of(layer.recipe.blend)


def test_again_makes_another_in_the_same_place(bench):
    bench.open()
    bench.select()
    (first,) = bench.run(steps=1, prompt="a boat")
    bench.generation.strip.apply_shown()
    deselect(bench.document)
    bench.generation.dock.form.set_values({"prompt": "something else"})
    bench.generation.recipe.bar.again.click()
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    (second,) = bench.generation.candidates.offered
    assert second.prepared.anchor.box == first.prepared.anchor.box
    assert (second.prepared.selection == first.prepared.selection).all()
    assert second.candidate.seed != first.candidate.seed
    assert second.prepared.job.params["prompt"] == "a boat"
    assert second.prepared.job.size == first.prepared.job.size
    assert (second.prepared.job.inputs["image"] == first.prepared.job.inputs["image"]).all()


def test_ctrl_return_generates_also_from_the_prompt(bench, qtbot):
    bench.open()
    bench.select()
    bench.pick("quick-fill", steps=1, prompt="a boat")
    bench.window.activateWindow()
    edit = bench.generation.dock.form.fields["prompt"].edit
    edit.setFocus()
    qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(bench.generation.board.jobs) == 1
    assert edit.toPlainText() == "a boat"
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")


def test_the_menu_offers_what_can_be_done(bench):
    bench.open()
    bench.select()
    action = bench.window.commands.action("generate.apply")
    assert not action.isEnabled()
    bench.run(steps=1)
    assert action.isEnabled()
    action.trigger()
    assert bench.document.active.recipe is not None
    assert not action.isEnabled()
    assert action in bench.window.menus["generate"].actions()


def test_enter_applies_what_the_button_asked_for(bench):
    bench.open()
    bench.select()
    bench.pick("quick-fill")
    bench.window.activateWindow()
    bench.generation.dock.button.setFocus()
    bench.generation.dock.button.click()
    bench.wait(lambda: bool(bench.generation.candidates.offered), what="the candidate")
    layers = len(bench.document.layers)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert len(bench.document.layers) == layers + 1


def test_the_tab_key_goes_down_the_dock(bench):
    dock = bench.generation.dock
    bench.pick("quick-fill")
    bench.window.activateWindow()
    dock.picker.buttons["quick-fill"].setFocus()
    seen = [QApplication.focusWidget()]
    while seen[-1] is not dock.options and len(seen) < 60:
        QTest.keyClick(seen[-1], Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    form = dock.form
    expected = [form.fields["prompt"].edit, form.fields["steps"].spin, form.more, dock.button, dock.options]
    assert [widget for widget in seen if widget in expected] == expected


def test_a_tool_whose_edge_was_remembered_can_be_picked(bench, make_bench, service):
    bench.open()
    bench.pick("quick-refine")
    fields = bench.generation.dock.findChildren(AutoSpin)
    for field in fields:
        field.setValue(5)
    bench.pick("quick-new")
    bench.window.close()
    again = make_bench(service)
    again.open()
    again.pick("quick-refine")
    assert set(again.generation.dock.wish().edge.values()) == {5}


def test_a_job_that_was_held_teaches_the_forecast_nothing(bench):
    """What it waited would be taken for work."""
    bench.open()
    bench.select()
    bench.pick("quick-fill", steps=30, pause=0.01)
    board = bench.generation.board
    bench.generation.generate()
    bench.wait(lambda: bool(board.jobs) and board.jobs[0].step > 0, what="a step")
    (job,) = board.jobs
    board.pause(job, True)
    bench.wait(lambda: job.paused, what="the pause")
    board.pause(job, False)
    bench.wait(lambda: not board.jobs, what="the job")
    wish, parts = bench.generation.dock.wish(), bench.generation.presenters[bench.session].parts
    assert bench.generation.forecasts.foretell(wish, parts) == (None, None)
    bench.run(steps=2, pause=0.01)
    assert bench.generation.forecasts.foretell(wish, parts)[0] is not None


def test_the_settings_of_a_tool_that_has_gone_are_put_into_no_other_form(bench):
    bench.open()
    bench.pick("quick-fill", prompt="mine")
    bench.generation._use_recipe(Recipe(tool="gone", plugin="p", params={"prompt": "other"}, box=Rect(0, 0, 1, 1)))
    assert bench.generation.dock.form.values()["prompt"] == "mine"
    assert "gone" in bench.generation.dock.message.text.text()
