"""What a screen reader says of the dock that generates, and how it looks in other themes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLabel, QToolButton, QWidget

from scumble.ui.theme import dress_again


def speechless(root: QWidget) -> list[str]:
    """The controls that take the focus and that a screen reader would have no word for."""
    found = []
    for widget in root.findChildren(QWidget):
        inner = isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox) or widget.objectName().startswith("qt_")
        inner = inner or widget.window() is not root.window()  # a list that a choice opens
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or inner or isinstance(widget, QLabel):
            continue
        spoken = QAccessible.queryAccessibleInterface(widget)
        if spoken is not None and spoken.role() in (QAccessible.Role.ScrollBar, QAccessible.Role.Window):
            continue
        if spoken is None or not spoken.text(QAccessible.Text.Name).strip():
            found.append(f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}")
    return found


def test_every_control_of_every_tool_has_a_name(bench):
    dock = bench.generation.dock
    for button in dock.findChildren(QToolButton):
        if button.isCheckable() and button.isVisible():
            button.click()
            QApplication.processEvents()
            assert speechless(dock) == [], button.text()
    assert speechless(dock) == []


def test_the_words_on_the_pressed_tool_are_seen_in_every_theme(bench, qapp):
    theme = bench.window.theme
    try:
        for name in ("light", "contrast", "dark"):
            dress_again(qapp, theme, name)
            QApplication.processEvents()
            chosen = next(b for b in bench.generation.dock.findChildren(QToolButton) if b.isChecked() and b.text())
            image = chosen.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
            values = np.frombuffer(image.constBits(), np.uint32) & 0xFFFFFF
            shown = {QColor(int(value)).name() for value in np.unique(values)}
            assert theme.colours["accent-text"].lower() in shown, name
    finally:
        dress_again(qapp, theme, "dark")
