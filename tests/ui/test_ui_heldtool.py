"""A tool for as long as its key is held."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scumble.ui import heldtool


@pytest.fixture
def canvas(program, session):
    program.window.activateWindow()
    program.window.canvas.setFocus()
    QApplication.processEvents()
    return program.window.canvas


def test_a_short_press_takes_the_tool_for_good(program, canvas):
    QTest.keyClick(canvas, Qt.Key.Key_E)
    assert program.window.tools.tool == "eraser"
    QTest.keyClick(canvas, Qt.Key.Key_Control)
    assert program.window.tools.tool == "eraser"


def test_a_key_that_is_held_gives_the_tool_for_as_long(program, session, canvas, hand, picture, monkeypatch):
    monkeypatch.setattr(heldtool, "LONG", 0.02)
    hand.drag((50, 50), (150, 50))
    QTest.keyPress(canvas, Qt.Key.Key_E)
    assert program.window.tools.tool == "eraser"
    QTest.qWait(40)
    hand.drag((50, 50), (150, 50))
    QTest.keyRelease(canvas, Qt.Key.Key_E)
    assert program.window.tools.tool == "brush"
    assert session.document.history.names == ("Brush stroke", "Erase")


def test_the_key_of_the_tool_that_is_in_hand_changes_nothing(program, canvas, monkeypatch):
    monkeypatch.setattr(heldtool, "LONG", 0.0)
    QTest.keyClick(canvas, Qt.Key.Key_B)
    assert program.window.tools.tool == "brush"


def test_another_key_that_goes_up_does_not_bring_the_tool_back(program, canvas, monkeypatch):
    monkeypatch.setattr(heldtool, "LONG", 0.0)
    program.window.tools.set_tool("move")
    QTest.keyClick(canvas, Qt.Key.Key_F9)
    assert program.window.tools.tool == "move"


def test_after_a_held_tool_a_second_release_does_nothing(program, canvas, monkeypatch):
    monkeypatch.setattr(heldtool, "LONG", 0.0)
    QTest.keyClick(canvas, Qt.Key.Key_E)
    assert program.window.tools.tool == "brush"
    QTest.keyRelease(canvas, Qt.Key.Key_B)
    QTest.keyRelease(canvas, Qt.Key.Key_E)
    assert program.window.tools.tool == "brush"
