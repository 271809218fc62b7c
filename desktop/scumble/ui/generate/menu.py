"""The Generate menu."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from scumble.ui.mnemonics import make_distinct
from scumble.ui.window import MainWindow

Line: TypeAlias = QAction | tuple[str, Sequence[QAction]]
"""A command, or the title of a menu of its own and what is in it."""


def add_menu(window: MainWindow, title: str, *parts: Sequence[Line]) -> QMenu:
    """Puts a menu before that of the docks, or last; a line is drawn between its parts."""
    menu = QMenu(title, window)
    for part in parts:
        for line in part:
            if isinstance(line, QAction):
                menu.addAction(line)
            else:
                menu.addMenu(line[0]).addActions(list(line[1]))
        menu.addSeparator()
    menu.aboutToShow.connect(lambda: make_distinct(menu.actions()))
    if "docks" in window.menus:
        window.menuBar().insertMenu(window.menus["docks"].menuAction(), menu)
    else:
        window.menuBar().addMenu(menu)
    return menu
