"""The arrow keys: they move the layer, or the outline of the selection, by a pixel or by ten."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent

from scumble.tools import nudge, nudge_outline
from scumble.ui.session import DocumentSession
from scumble.ui.toolbox import FACES, SELECTING

ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def nudges(session: DocumentSession, tool: str) -> bool:
    """Whether the arrow keys move something while that tool is in hand."""
    return tool == "move" or (FACES[tool].family == SELECTING and bool(session.document.selection.tiles))


def nudge_by(session: DocumentSession, tool: str, event: QKeyEvent) -> None:
    """Moves it, as one step. Raises `ScumbleError` where a layer is locked or hidden."""
    dx, dy = ARROWS[Qt.Key(event.key())]
    far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
    session.settle()
    if tool == "move":
        nudge(session.document, dx * far, dy * far, _text("Move layer"), session.chosen)
    else:
        nudge_outline(session.document, dx * far, dy * far, _text("Move selection"))


def _text(text: str) -> str:
    return QCoreApplication.translate("Canvas", text)
