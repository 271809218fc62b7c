"""Asks for a name."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QInputDialog, QWidget

LONGEST = 80


def ask_name(parent: QWidget, title: str, label: str, start: str, done: Callable[[str], object]) -> QInputDialog:
    """Opens a small dialog; `done` gets the name, trimmed and shortened, unless it was left empty or cancelled."""
    dialog = QInputDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setLabelText(label)
    dialog.setTextValue(start)

    def chosen(text: str) -> None:
        name = " ".join(text.split())[:LONGEST]
        if name:
            done(name)

    dialog.textValueSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
