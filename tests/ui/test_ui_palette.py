"""The command palette and the shortcut editor."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from scumble.settings import Settings
from scumble.ui.dialogs.shortcuts import ShortcutsDialog
from scumble.ui.keymap import SETTING, KeyMap
from scumble.ui.palette.dialog import CommandPalette
from scumble.ui.palette.fuzzy import score


@pytest.fixture
def palette(program, session):
    def open_it() -> CommandPalette:
        QApplication.processEvents()
        program.window.commands.action("app.palette").trigger()
        return next(shown for shown in program.window.findChildren(CommandPalette) if shown.isVisible())

    yield open_it
    for left in program.window.findChildren(CommandPalette):
        if left.isVisible():
            left.close()


def texts(shown):
    return [entry.text for entry in shown.shown]


def test_letters_are_found_in_order_and_word_starts_first():
    assert score("", "Anything") is not None
    assert score("xyz", "Merge down") is None
    assert score("md", "Merge down") > score("md", "Clamp didactic mud")
    assert score("merge down", "Merge down") > score("merge down", "Merge visible, then down")
    assert score("down merge", "Merge down") is not None
    assert score("MERGE", "merge") is not None


@limits(deadline=None, max_examples=40)
@given(st.text("abcdefg ", max_size=8), st.text("abcdefg ", max_size=20))
def test_a_text_is_found_when_its_letters_are_there_in_order(wanted, text):
    found = score(wanted, text)

    def within(word):
        places = iter(text)
        return all(letter in places for letter in word)

    assert (found is not None) == all(within(word) for word in wanted.split())


def test_every_command_is_listed_with_its_menu_and_key(program, palette):
    shown = palette()
    by_text = {entry.text: entry for entry in shown.shown}
    merge = by_text["Merge down"]
    assert merge.path == "Layer"
    assert merge.keys == QKeySequence("Ctrl+E").toString(QKeySequence.SequenceFormat.NativeText)
    listed = {entry.action.objectName() for entry in shown.shown}
    assert {command.id for command in program.window.commands} <= listed


def test_what_cannot_be_chosen_is_grey_last_and_says_why(palette, session):
    shown = palette()
    shown.field.setText("redo")
    entry = next(entry for entry in shown.shown if entry.text == "Redo")
    assert not entry.enabled
    assert "taken back" in entry.why
    states = [entry.enabled for entry in shown.shown]
    assert states == sorted(states, reverse=True)
    before = session.document.history.names
    shown._choose(shown._model.index(shown.shown.index(entry), 0))
    assert shown.isVisible()
    assert session.document.history.names == before


def test_without_a_picture_it_says_that_one_is_needed(program, palette, session):
    program.window.drop_session(session)
    shown = palette()
    shown.field.setText("merge down")
    assert shown.shown[0].why == "Needs an open picture"


def test_enter_does_the_first_and_closes(program, palette, session):
    shown = palette()
    QTest.keyClicks(shown.field, "new la")
    assert shown.shown[0].text == "New layer"
    QTest.keyClick(shown.field, Qt.Key.Key_Return)
    assert len(session.document.layers) == 2
    assert not shown.isVisible()


def test_the_arrows_walk_and_escape_closes(program, palette, session):
    shown = palette()
    QTest.keyClicks(shown.field, "flip")
    QTest.keyClick(shown.field, Qt.Key.Key_Backspace)
    shown.field.setText("la")
    QTest.keyClick(shown.field, Qt.Key.Key_Down)
    QTest.keyClick(shown.field, Qt.Key.Key_Down)
    assert shown.list.currentIndex().row() == 2
    QTest.keyClick(shown.field, Qt.Key.Key_Up)
    assert shown.list.currentIndex().row() == 1
    QTest.keyClick(shown.field, Qt.Key.Key_Escape)
    assert not shown.isVisible()


def test_what_was_chosen_last_comes_first_next_time(palette, session):
    shown = palette()
    shown.field.setText("invert sel")
    QTest.keyClick(shown.field, Qt.Key.Key_Return)
    assert texts(palette())[0] == "Invert selection"


def test_letters_that_name_nothing_say_so(palette):
    shown = palette()
    shown.field.setText("qqqqq")
    assert shown.shown == []
    assert shown.nothing.isVisible()
    QTest.keyClick(shown.field, Qt.Key.Key_Return)
    assert shown.isVisible()


def test_a_screen_reader_hears_menu_key_and_reason(palette):
    shown = palette()
    shown.field.setText("redo")
    row = texts(shown).index("Redo")
    said = shown._model.data(shown._model.index(row, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith("Redo, Edit, ")
    assert "taken back" in said


# Keys


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def keymap(qapp, settings):
    made = KeyMap(settings)
    made.declare("a", ("Ctrl+A",))
    made.declare("b", ("B", "Ctrl+B"))
    made.declare("c", ())
    return made


def test_only_what_differs_is_kept(keymap, settings):
    keymap.change("c", ("Ctrl+C",))
    assert json.loads(settings.text(SETTING)) == {"c": ["Ctrl+C"]}
    keymap.reset("c")
    assert settings.text(SETTING) == ""
    assert keymap.keys("c") == ()


def test_a_key_that_is_given_away_is_lost_where_it_was(keymap, settings):
    heard = []
    keymap.changed.connect(heard.append)
    assert keymap.owners("ctrl+b") == ("b",)
    keymap.change("a", ("Ctrl+B",))
    assert keymap.keys("a") == ("Ctrl+B",)
    assert keymap.keys("b") == ("B",)
    assert set(heard) == {"a", "b"}
    keymap.reset("b")
    assert keymap.keys("b") == ("B", "Ctrl+B")
    assert keymap.keys("a") == ()
    keymap.reset_all()
    assert keymap.keys("a") == ("Ctrl+A",)
    assert settings.text(SETTING) == ""


def test_keys_are_there_again_after_a_restart(keymap, settings, tmp_path):
    keymap.change("a", ("F7",))
    again = KeyMap(Settings(tmp_path / "settings.json"))
    assert again.declare("a", ("Ctrl+A",)) == ("F7",)


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 3}', '{"a": [1, "F8"]}', "null"])
def test_what_cannot_be_read_counts_as_not_there(qapp, settings, text):
    settings.set(SETTING, text)
    keymap = KeyMap(settings)
    assert keymap.declare("b", ("B",)) == ("B",)
    assert keymap.declare("a", ("Ctrl+A",)) in (("Ctrl+A",), ("F8",))


@limits(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.lists(st.sampled_from(["F1", "F2", "F3", "F4"]), max_size=3))))
def test_no_key_ever_belongs_to_two(tmp_path_factory, changes):
    keymap = KeyMap(Settings(tmp_path_factory.mktemp("keys") / "settings.json"))
    for place, name in enumerate("abc"):
        keymap.declare(name, (f"F{place + 1}",))
    for name, keys in changes:
        keymap.change(name, tuple(keys))
        assert keymap.keys(name) == tuple(dict.fromkeys(keys))
        every = [key for other in "abc" for key in keymap.keys(other)]
        assert len(every) == len(set(every))


@pytest.fixture
def dialog(program, session):
    program.window.commands.action("app.shortcuts").trigger()
    shown = program.window.findChild(ShortcutsDialog)
    yield shown
    for left in program.window.findChildren(ShortcutsDialog):
        left.close()


def press(dialog, keys):
    dialog.keys.setKeySequence(QKeySequence(keys))


def test_new_keys_hold_at_once_also_in_the_tooltip(program, session, dialog, hand):
    dialog.choose("layer.add")
    press(dialog, "F8")
    assert dialog.note.text() == ""
    dialog.assign.click()
    action = program.window.commands.action("layer.add")
    assert [key.toString() for key in action.shortcuts()] == ["F8"]
    assert "F8" in action.toolTip()
    dialog.close()
    program.window.activateWindow()
    program.window.canvas.setFocus()
    QTest.qWait(20)
    QTest.keyClick(program.window.canvas, Qt.Key.Key_F8)
    assert len(session.document.layers) == 2


def test_a_conflict_is_named_and_taken_over(program, dialog):
    dialog.choose("layer.add")
    press(dialog, "Ctrl+E")
    assert "Merge down" in dialog.note.text()
    assert dialog.assign.text() == "Take over"
    dialog.assign.click()
    assert not program.window.commands.action("layer.merge").shortcuts()
    dialog.reset_all.click()
    merge = program.window.commands.action("layer.merge")
    assert [key.toString() for key in merge.shortcuts()] == ["Ctrl+E"]
    assert [key.toString() for key in program.window.commands.action("layer.add").shortcuts()] == ["Ins"]


def test_keys_are_added_taken_away_and_reset(program, dialog):
    action = program.window.commands.action("layer.add")
    dialog.choose("layer.add")
    press(dialog, "F9")
    dialog.add.click()
    assert [key.toString() for key in action.shortcuts()] == ["Ins", "F9"]
    dialog.none.click()
    assert action.shortcuts() == []
    assert dialog.reset.isEnabled()
    dialog.reset.click()
    assert [key.toString() for key in action.shortcuts()] == ["Ins"]
    assert not dialog.reset.isEnabled()


def test_real_key_presses_are_taken(program, dialog):
    dialog.choose("layer.group")
    dialog.keys.setFocus()
    QTest.keyClick(dialog.keys, Qt.Key.Key_F10, Qt.KeyboardModifier.ControlModifier)
    assert dialog.keys.keySequence().toString() == "Ctrl+F10"
    assert dialog.assign.isEnabled()


def test_the_search_finds_by_name_and_by_key(dialog):
    dialog.search.setText("mirror")
    assert dialog.listed == ("view.mirror",)
    dialog.search.setText("ctrl+shift+h")
    assert "view.mirror" in dialog.listed
    dialog.search.clear()
    assert len(dialog.listed) > 40


def test_every_command_is_in_the_editor(program, dialog):
    assert set(dialog.listed) == {command.id for command in program.window.commands}
    assert all(button.text() for button in dialog.findChildren(QPushButton))
