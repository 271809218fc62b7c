"""The ways of the keyboard between the canvas and the generate dock; the Tab key of the canvas hides the docks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QDockWidget, QScrollArea

from scumble.ui.commands import Command
from scumble.ui.generate.dock import GenerateDock
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.window import MainWindow

PROMPT = Command(
    "generate.prompt",
    QT_TRANSLATE_NOOP("commands", "Go to the &prompt"),
    shortcuts=("Ctrl+P",),
    tip=QT_TRANSLATE_NOOP("commands", "Go to the prompt; Escape goes back to the picture"),
)


class KeyWays(QObject):
    """`action` leads to the prompt, or to the tools where the tool has none; Escape in the dock leads to the canvas."""

    def __init__(self, window: MainWindow, dock: GenerateDock, place: QDockWidget) -> None:
        super().__init__(window)
        self._window, self._dock, self._place = window, dock, place
        self.action: QAction = window.commands.add(PROMPT, self._enter)
        dock.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """An Escape that no field had a use for comes up to the dock."""
        canvas = self._window.canvas
        pressed = event.key() if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress else None
        if canvas is None or pressed != Qt.Key.Key_Escape:
            return super().eventFilter(watched, event)
        canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def _enter(self) -> None:
        self._place.show()
        self._place.raise_()
        dock = self._dock
        if dock.form is not None:
            prompts = dock.form.prompts()
            target = prompts[0].edit if prompts else dock.picker.buttons[dock.form.tool.id]
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)
            for column in dock.findChildren(QScrollArea):
                if column.isAncestorOf(target):
                    column.ensureWidgetVisible(target)
