"""What comes between: other edits, other layers, other tabs, engines that die, values that are wrong."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from scumble.api import ToolJob
from scumble.document import Rect
from scumble.document.edits import add_group, add_layer, remove_layer, set_layer
from scumble.plugins import Catalogue
from scumble.service import EngineSettings, ModelService
from scumble.ui.adjust import panel as panel_module

from .conftest import PLUGIN, wait

OPPOSITE = {"all": "0,1 1,0"}


@pytest.fixture
def own_service(qapp, plugin_folder, tmp_path):
    """A service whose engines a test may kill."""
    made = ModelService(EngineSettings(tmp_path / "engine", plugin_folder, warm_up=False, threads=1))
    made.start()
    yield made
    made.shutdown()


def test_undo_while_the_panel_is_open_undoes_the_step_before_and_the_preview_follows(easel):
    easel.open()
    before = easel.pixels()
    with easel.document.history.transaction("Black") as edit:
        edit.put(easel.document.active.surface, Rect(0, 0, 600, 250), np.zeros((250, 600, 4), np.uint8))
    easel.adjust("curves", **OPPOSITE)
    easel.session.settle()
    assert easel.document.history.undo() == "Black"
    easel.settled()
    assert np.array_equal(easel.committed(), before)
    assert not np.array_equal(easel.pixels(), before)
    easel.panel.reject()
    assert np.array_equal(easel.pixels(), before)


def test_a_command_that_edits_nothing_costs_no_computing(easel):
    easel.open()
    easel.adjust("curves", **OPPOSITE)
    shown = easel.pixels()
    submitted = []
    easel.run._pieces._service = type(
        "Counting", (), {"submit": lambda *_: submitted.append(1), "cancel": lambda *_: 0}
    )
    easel.session.settle()
    assert not np.array_equal(easel.pixels(), shown)
    easel.settled()
    assert np.array_equal(easel.pixels(), shown)
    assert not submitted


def test_painting_while_the_panel_is_open_paints_on_the_picture_itself(easel):
    easel.open(opaque=True)
    easel.adjust("curves", **OPPOSITE)
    before = easel.committed()
    easel.window.tools.set_tool("brush")
    place = easel.session.viewport.to_view(100, 100).toPoint()
    QTest.mousePress(easel.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    QTest.mouseMove(easel.canvas, place + QPoint(40, 30))
    QTest.mouseRelease(easel.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place + QPoint(40, 30))
    assert easel.document.history.names == ("Brush stroke",)
    painted = easel.committed()
    assert not np.array_equal(painted, before)
    easel.settled()
    assert np.array_equal(easel.pixels()[..., :3], 255 - painted[..., :3])
    easel.apply()
    assert easel.document.history.names == ("Brush stroke", "Curves")
    easel.document.history.undo()
    assert np.array_equal(easel.committed(), painted)


def test_another_layer_is_adjusted_when_it_becomes_the_active_one(easel):
    easel.open(opaque=True)
    ground = easel.document.active
    other = add_layer(easel.document, "Other", pixels=np.full((90, 90, 4), 255, np.uint8))
    easel.adjust("curves", **OPPOSITE)
    assert not easel.pixels()[:90, :90, :3].any()
    easel.document.activate(ground.id)
    easel.settled()
    surface = easel.document.paint_layer(other).surface
    assert easel.pixels(surface)[:90, :90].all()
    easel.apply()
    assert easel.document.history.names[-1] == "Curves"
    assert easel.pixels(surface)[:90, :90].all()


def test_a_locked_layer_is_told_and_adjusted_once_it_is_unlocked(easel):
    easel.open()
    set_layer(easel.document, easel.document.active.id, "Lock", locked=True)
    before = easel.pixels()
    easel.do("adjust.curves")
    panel = easel.panel
    panel.form.set_values(OPPOSITE)
    wait(lambda: panel.message.isVisible(), what="the reason")
    assert "locked" in panel.message.text.text()
    assert not panel.accept_button.isEnabled()
    assert np.array_equal(easel.pixels(), before)
    set_layer(easel.document, easel.document.active.id, "Unlock", locked=False)
    easel.settled()
    assert panel.message.isHidden()
    assert panel.accept_button.isEnabled()
    easel.apply()
    assert easel.document.history.names[-1] == "Curves"


def test_inverting_a_locked_layer_says_why_not(easel):
    easel.open()
    set_layer(easel.document, easel.document.active.id, "Lock", locked=True)
    easel.do("adjust.invert")
    assert easel.panel is None
    assert any("locked" in label.text() for label in easel.window.messages.findChildren(QLabel))


def test_a_group_has_nothing_to_adjust(easel):
    easel.open()
    group = add_group(easel.document, "Group")
    easel.document.activate(group)
    easel.window.commands.refresh(easel.session)
    assert not easel.window.commands.action("adjust.levels").isEnabled()


def test_the_layer_may_go_away(easel):
    easel.open()
    first = easel.document.active.id
    add_layer(easel.document, "Other", pixels=np.full((90, 90, 4), 255, np.uint8))
    easel.adjust("curves", **OPPOSITE)
    easel.session.settle()
    remove_layer(easel.document, easel.document.active.id)
    easel.document.activate(first)
    easel.settled()
    easel.panel.reject()
    assert not easel.document.history.busy


def test_another_tab_ends_it(easel):
    easel.open()
    first = easel.session
    before = easel.pixels()
    easel.adjust("curves", **OPPOSITE)
    easel.open(title="Second")
    assert easel.panel is None
    assert not first.document.history.busy
    assert np.array_equal(first.document.surface(first.document.active.surface).read(first.document.bounds), before)


def test_closing_the_picture_and_the_window_ends_it(easel):
    easel.open()
    easel.adjust("curves", **OPPOSITE)
    easel.window.drop_session(easel.session)
    assert easel.panel is None
    easel.open()
    easel.adjust("curves", exact=False, **OPPOSITE)
    easel.window.close()
    assert easel.panel is None


def test_opening_another_adjustment_gives_the_first_up(easel):
    easel.open()
    before = easel.pixels()
    easel.adjust("curves", **OPPOSITE)
    easel.do("adjust.levels")
    assert easel.panel.tool.id == "adjust-levels"
    easel.settled()
    assert np.array_equal(easel.pixels(), before)


def test_it_goes_on_while_a_model_works(easel, service):
    easel.open()
    service.submit(ToolJob("slow", PLUGIN, "slow-model", {}, {}, (64, 64)))
    wait(lambda: service.state == "busy", what="the model's job")
    easel.adjust("curves", **OPPOSITE)
    easel.apply()
    assert easel.document.history.names == ("Curves",)
    assert service.state == "busy"
    service.cancel("slow")
    wait(lambda: service.state == "idle", what="the end of the model's job")


def test_an_engine_killed_while_values_are_tried_is_told_and_the_next_values_work(make_easel, own_service):
    easel = make_easel(own_service)
    easel.open()
    before = easel.pixels()
    easel.adjust("odd", exact=False, pause=8.0)
    wait(lambda: own_service.light_state == "busy", what="the job")
    os.kill(own_service.light_pid, signal.SIGKILL)
    panel = easel.panel
    wait(lambda: panel.message.isVisible(), what="the message")
    assert "engine" in panel.message.text.text()
    assert np.array_equal(easel.pixels(), before)
    panel.form.set_values({"pause": 0.0, "what": "black"})
    easel.settled()
    easel.apply()
    assert easel.document.history.names == ("Odd",)


def test_an_engine_killed_while_it_is_applied_leaves_the_picture_and_the_panel(make_easel, own_service):
    easel = make_easel(own_service)
    easel.open()
    before = easel.pixels()
    panel = easel.adjust("odd", what="black")
    panel.preview.click()
    panel.form.set_values({"pause": 8.0})
    panel.apply()
    assert not panel.form.isEnabled()
    wait(lambda: own_service.light_state == "busy", what="the job")
    os.kill(own_service.light_pid, signal.SIGKILL)
    wait(lambda: panel.message.isVisible(), what="the message")
    assert panel.form.isEnabled()
    assert panel.accept_button.isEnabled()
    assert np.array_equal(easel.pixels(), before)
    assert easel.document.history.names == ()
    panel.form.set_values({"pause": 0.0})
    easel.apply()
    assert easel.document.history.names == ("Odd",)


@pytest.mark.parametrize(("what", "words"), [("fail", "no such luck"), ("small", "not"), ("die", "stopped")])
def test_a_tool_that_fails_changes_nothing(make_easel, own_service, what, words):
    easel = make_easel(own_service)
    easel.open()
    before = easel.pixels()
    panel = easel.adjust("odd", exact=False, what=what)
    wait(lambda: panel.message.isVisible(), what="the message")
    assert words in panel.message.text.text()
    assert np.array_equal(easel.pixels(), before)
    assert not easel.document.history.busy


def test_alpha_that_a_tool_takes_away_stays(easel):
    easel.open()
    before = easel.pixels()
    easel.adjust("odd", what="clear")
    easel.apply()
    assert np.array_equal(easel.committed()[..., 3], before[..., 3])
    assert not easel.committed()[..., :3].any()


def test_cancelling_while_it_is_applied(easel):
    easel.open()
    before = easel.pixels()
    panel = easel.adjust("odd", exact=False, what="black", pause=6.0)
    panel.apply()
    QTest.qWait(100)
    assert panel.progress.isVisible()
    panel.cancel.click()
    assert easel.panel is None
    assert np.array_equal(easel.pixels(), before)
    assert easel.document.history.names == ()


def test_the_newest_values_win(easel):
    easel.open()
    before = easel.pixels()
    easel.do("adjust.levels")
    for step in range(40):
        easel.panel.form.set_values({"all": f"0 1 1 0 {1 - step / 40}"})
        QTest.qWait(3)
    easel.panel.form.set_values({"all": "0 1 1 1 0"})
    easel.settled()
    shown = easel.pixels()
    straight = easel.document.format.to_straight(before)
    straight[..., :3] = 255 - straight[..., :3]
    assert np.array_equal(shown, easel.document.format.from_straight(straight))


def test_slow_values_do_not_hold_up_newer_ones(easel):
    easel.open()
    easel.adjust("odd", exact=False, what="black", pause=9.0)
    QTest.qWait(30)
    easel.panel.form.set_values({"pause": 0.0})
    easel.wait(lambda: easel.run.exact, seconds=5.0, what="the newer values")
    assert not easel.pixels()[..., :3].any()


def test_what_takes_long_without_a_panel_shows_one_with_its_progress(easel, monkeypatch):
    monkeypatch.setattr(panel_module, "UNSEEN_MS", 30)
    easel.open()
    easel.adjust("odd", what="black")
    easel.apply()
    easel.document.history.undo()
    easel.adjustments._values["odd"]["pause"] = 0.6
    easel.do("adjust.repeat")
    panel = easel.panel
    assert not panel.isVisible()
    wait(lambda: panel.isVisible(), what="the panel")
    assert panel.progress.isVisible()
    assert not panel.form.isEnabled()
    easel.gone()
    assert easel.document.history.names == ("Odd",)


def test_what_is_held_open_without_an_edit_is_not_ended_by_the_preview(easel):
    """Such as a frame round what is being transformed."""
    easel.open()
    easel.adjust("curves", **OPPOSITE)
    before = easel.committed()
    easel.session.settle()
    ended = []
    easel.session.begin_interaction(lambda: ended.append(1))
    QTest.qWait(400)
    assert not ended
    assert np.array_equal(easel.pixels(), before)
    easel.session.end_interaction()
    easel.settled()
    assert not np.array_equal(easel.pixels(), before)


def test_in_the_quick_mask_the_selection_itself_is_adjusted(easel):
    easel.open(300, 280)
    easel.select(100, 100, 60, 60)
    layer = easel.pixels()
    easel.session.set_quick_mask(True)
    easel.adjust("gaussian-blur", radius=10.0)
    easel.apply()
    selection = easel.document.selection.read(easel.document.bounds)
    assert 0 < selection[95, 130] < 255
    assert selection[130, 130] > selection[95, 130]
    assert np.array_equal(easel.pixels(), layer)
    easel.document.history.undo()
    assert set(np.unique(easel.document.selection.read(easel.document.bounds))) == {0, 255}


def test_saving_meanwhile_saves_the_picture_without_the_preview(easel):
    easel.open()
    before = easel.pixels()
    easel.adjust("curves", **OPPOSITE)
    snapshot = easel.document.snapshot()
    assert np.array_equal(snapshot.read_colour(easel.document.active.surface, easel.document.bounds), before)


def test_an_empty_layer_has_nothing_to_adjust_and_makes_no_step(easel):
    easel.open()
    add_layer(easel.document, "Empty")
    steps = easel.document.history.names
    easel.adjust("gaussian-blur", radius=20.0)
    easel.apply()
    assert easel.document.history.names == steps


def test_a_key_in_use_is_not_given_away_and_plugins_come_and_go(easel, plugin_folder):
    commands = {command.id: command for command in easel.window.commands}
    assert commands["adjust.levels"].shortcuts == ("Ctrl+L",)
    assert commands["adjust.invert"].shortcuts == ("Ctrl+I",)
    easel.open()
    catalogue = easel.adjustments._catalogue
    assert isinstance(catalogue, Catalogue)
    easel.adjust("odd", what="black")
    catalogue.disable(PLUGIN)
    try:
        easel.adjustments.reload()
        assert easel.panel is None
        action = easel.window.commands.action("adjust.odd")
        assert action not in easel.adjustments.menu.actions()
        assert not action.isEnabled()
    finally:
        catalogue.enable(PLUGIN)
    easel.adjustments.reload()
    assert action in easel.adjustments.menu.actions()
    assert action.isEnabled()


def test_no_two_commands_of_the_menu_share_a_key(easel):
    keys = [action.shortcut() for action in easel.adjustments.menu.actions() if not action.shortcut().isEmpty()]
    assert len(keys) == len(set(map(QKeySequence.toString, keys)))
    assert {"Ctrl+F", "Ctrl+L", "Ctrl+M", "Ctrl+U", "Ctrl+B", "Ctrl+I"} <= {key.toString() for key in keys}
