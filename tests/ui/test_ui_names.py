"""What a screen reader says of every control, what every command says of itself, and that no key has two meanings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QColorDialog,
    QComboBox,
    QDialog,
    QDockWidget,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QWidget,
)

from scumble.ui.dialogs.unsaved import UnsavedDialog
from scumble.ui.mnemonics import letter_of, make_distinct

CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QAbstractItemView)
"""What one works with, also where the mouse alone can reach it."""

INNER = ("qt_", "ScrollLeftButton", "ScrollRightButton")
"""Parts that Qt makes for its own controls and speaks for."""


def name_of(widget: QWidget) -> str:
    """The name that is spoken: its own, or that of the label that belongs to it."""
    spoken = QAccessible.queryAccessibleInterface(widget)
    return (spoken.text(QAccessible.Text.Name) if spoken is not None else "").strip() or widget.accessibleName()


def is_inner(widget: QWidget) -> bool:
    if widget.objectName().startswith(INNER):
        return True
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QAbstractSpinBox | QComboBox):
            return True
        above = above.parentWidget()
    return widget.inherits("QScrollBar") or widget.inherits("QHeaderView")


def nameless(root: QWidget) -> list[str]:
    """The controls under a widget that a screen reader would have no word for."""
    found = []
    for widget in root.findChildren(QWidget):
        focusable = widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        if not (isinstance(widget, CONTROLS) or focusable) or is_inner(widget) or isinstance(widget, QMenu | QLabel):
            continue
        if not isinstance(widget, QDialog | QDockWidget) and not name_of(widget):
            chain = " < ".join(type(w).__name__ for w in parents(widget))
            found.append(f"{chain} “{widget.objectName()}”")
    return found


def parents(widget: QWidget):
    while widget is not None:
        yield widget
        widget = widget.parentWidget()


def test_every_control_of_the_window_has_a_name(program, session):
    for dock in program.window.findChildren(QDockWidget):
        dock.show()
        dock.raise_()
        QApplication.processEvents()
    for face in ("mask", "select", "wand", "move", "brush"):
        program.window.tools.set_tool(face)
        QApplication.processEvents()
    assert nameless(program.window) == []


def test_every_dock_has_a_title(program, session):
    assert all(dock.windowTitle() for dock in program.window.findChildren(QDockWidget))


@pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)
def test_every_dialog_that_a_command_opens_has_a_title_and_names_for_all_in_it(program, session, hand):
    """A command that opens a dialog says so with three dots."""
    hand.do("layer.add")
    hand.do("select.all")
    QApplication.processEvents()
    opened = set()
    for command in list(program.window.commands):
        action = program.window.commands.action(command.id)
        if not action.text().endswith("…") or not action.isEnabled():
            continue
        action.trigger()
        QApplication.processEvents()
        for shown in [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]:
            if not isinstance(shown, QFileDialog | QMessageBox | QColorDialog):
                assert shown.windowTitle(), command.id
                assert nameless(shown) == [], command.id
                opened.add(type(shown).__name__)
            shown.reject()
            QApplication.processEvents()
    assert {"PreferencesDialog", "ShortcutsDialog", "NewPictureDialog"} <= opened


def test_the_question_about_changes_has_names_for_all_in_it(program, session):
    dialog = UnsavedDialog([session, session], program.window)
    assert dialog.windowTitle()
    assert nameless(dialog) == []
    dialog.deleteLater()


def test_every_command_says_what_it_does(program, session):
    for command in program.window.commands:
        action = program.window.commands.action(command.id)
        assert action.toolTip().strip(), command.id
        assert action.text().strip(), command.id


def test_every_command_that_has_a_key_shows_it_in_its_tooltip(program, session):
    for command in program.window.commands:
        action = program.window.commands.action(command.id)
        if not action.shortcut().isEmpty():
            keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
            assert action.toolTip().endswith(f"({keys})"), command.id


def test_no_key_has_two_meanings(program, session):
    seen: dict[str, str] = {}
    for command in program.window.commands:
        for keys in program.window.commands.action(command.id).shortcuts():
            text = keys.toString()
            assert text not in seen, (text, command.id, seen[text])
            seen[text] = command.id


def test_no_letter_of_a_menu_has_two_meanings(program, session):
    """Within one menu, the underlined letters differ, so that Alt and a letter reach what is meant."""
    for name, menu in program.window.menus.items():
        menu.aboutToShow.emit()
        given = [letter for action in menu.actions() if (letter := letter_of(action.text()))]
        twice = {letter for letter in given if given.count(letter) > 1}
        assert not twice, (name, twice)


LINES = st.tuples(st.text("abc ", min_size=1, max_size=6), st.integers(0, 5)).map(
    lambda drawn: drawn[0][: drawn[1]] + "&" + drawn[0][drawn[1] :] if drawn[1] < len(drawn[0]) else drawn[0]
)


@limits(deadline=None)
@given(st.lists(LINES, max_size=8))
def test_any_menu_gets_letters_of_its_own_and_keeps_its_words(qapp, texts):
    actions = [QAction(text) for text in texts]
    make_distinct(actions)
    letters = [letter for action in actions if (letter := letter_of(action.text()))]
    assert len(letters) == len(set(letters))
    assert [action.text().replace("&", "") for action in actions] == [text.replace("&", "") for text in texts]


def test_every_command_is_in_a_menu_or_a_tool_bar_or_found_in_the_palette(program, session):
    from scumble.ui.palette.entries import entries

    listed = {entry.action.objectName() for entry in entries(program.window)}
    assert {command.id for command in program.window.commands} <= listed
