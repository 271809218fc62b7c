"""A tool whose key is held down is in hand for as long as it is; a short press takes it for good."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence

from scumble.ui.session import DocumentSession
from scumble.ui.toolbox import FACES
from scumble.ui.toolstate import ToolState
from scumble.ui.window import MainWindow

LONG: Final = 0.35
"""Seconds from which on a key counts as held."""


class HeldTool(QObject):
    """Watches the canvases for keys that are let go, and the tool for what their pressing has chosen."""

    def __init__(self, window: MainWindow, tools: ToolState) -> None:
        super().__init__(window)
        self._window = window
        self._tools = tools
        self._now = tools.tool
        self._before = ""
        self._since = 0.0
        for tool in FACES:
            window.commands.action(f"tool.{tool}").setAutoRepeat(False)
        tools.tool_changed.connect(self._on_tool)
        window.session_opened.connect(self._watch)

    def _watch(self, session: DocumentSession) -> None:
        self._window.canvas_of(session).installEventFilter(self)

    def _on_tool(self, tool: str) -> None:
        self._before, self._now, self._since = self._now, tool, time.monotonic()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The key of the tool in hand goes up: was it held, the tool before comes back."""
        if event.type() == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent) and not event.isAutoRepeat():
            held = time.monotonic() - self._since >= LONG
            if held and self._before and self._is_key_of(event, self._now):
                before, self._before = self._before, ""
                self._tools.set_tool(before)
                self._before = ""
            elif self._is_key_of(event, self._now):
                self._before = ""
        return super().eventFilter(watched, event)

    def _is_key_of(self, event: QKeyEvent, tool: str) -> bool:
        pressed = QKeySequence(event.keyCombination())
        return pressed in self._window.commands.action(f"tool.{tool}").shortcuts()
