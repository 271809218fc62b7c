"""A whole fill without a mouse."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scumble.ui.actions.edit import add_edit_commands
from scumble.ui.actions.selection import add_selection_commands


def press(key, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(QApplication.focusWidget(), key, modifier)


def test_select_ask_walk_and_apply_by_keys_alone(bench):
    add_selection_commands(bench.window)
    bench.window.addAction(bench.window.commands.action("select.all"))
    bench.open()
    bench.pick("quick-fill", count=2, steps=1)
    bench.window.activateWindow()
    canvas, control = bench.window.canvas, Qt.KeyboardModifier.ControlModifier
    canvas.setFocus()
    press(Qt.Key.Key_A, control)
    assert bench.document.selection_bounds == bench.document.bounds
    press(Qt.Key.Key_P, control)
    edit = bench.generation.dock.form.fields["prompt"].edit
    assert QApplication.focusWidget() is edit
    QTest.keyClicks(edit, "a boat")
    press(Qt.Key.Key_Return, control)
    assert QApplication.focusWidget() is canvas  # where arrows and Enter are for what comes
    bench.wait(lambda: len(bench.generation.candidates.offered) == 2, what="the candidates")
    second = bench.generation.candidates.offered[1]
    press(Qt.Key.Key_Right)
    assert bench.generation.candidates.shown is second
    press(Qt.Key.Key_Return)
    assert bench.document.active.name == "a boat"
    assert bench.document.active.recipe.params["seed"] == second.candidate.seed


def test_delete_lets_the_candidate_go_and_clears_nothing(bench):
    add_edit_commands(bench.window)
    bench.window.addAction(bench.window.commands.action("edit.clear"))
    bench.open()
    bench.select()
    bench.run("quick-fill", steps=1)
    before = bench.document.history.names
    bench.window.activateWindow()
    bench.window.canvas.setFocus()
    press(Qt.Key.Key_Delete)
    assert not bench.generation.candidates.offered
    assert bench.document.history.names == before
    press(Qt.Key.Key_Delete)
    assert len(bench.document.history.names) == len(before) + 1


def test_escape_leads_from_the_prompt_to_the_picture(bench):
    bench.open()
    bench.pick("quick-fill")
    bench.window.activateWindow()
    bench.window.canvas.setFocus()
    press(Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is bench.generation.dock.form.fields["prompt"].edit
    press(Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is bench.window.canvas


def test_the_key_brings_the_dock_out_and_goes_to_the_tools_where_there_is_no_prompt(bench):
    bench.open()
    bench.pick("quick-double")
    bench.generation.dock_widget.hide()
    bench.window.activateWindow()
    bench.window.canvas.setFocus()
    press(Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert bench.generation.dock_widget.isVisible()
    assert QApplication.focusWidget() is bench.generation.dock.picker.buttons["quick-double"]
    press(Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is bench.window.canvas
