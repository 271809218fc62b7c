"""Small pictures of files, made aside and kept while the program runs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap

from scumble.api import ScumbleError
from scumble.document import Pixels
from scumble.files.preview import preview
from scumble.ui.background import Background

SIDE: Final = 40
"""The side of a preview, in device-independent pixels."""

SHARP: Final = 2
"""Pixels to each of them, for screens that have so many."""


class Previews(QObject):
    """`made` carries a path and its icon."""

    made = Signal(object, object)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._icons: dict[tuple[Path, int], QIcon] = {}
        self._empty = _icon(None)

    def icon(self, path: Path) -> QIcon:
        """What there is now: the preview, or an empty one of its size while it is being made."""
        try:
            key = path, path.stat().st_mtime_ns
        except OSError:
            return self._empty
        if key not in self._icons:
            self._icons[key] = self._empty
            work = partial(preview, path, SIDE * SHARP)
            self._background.run(work, partial(self._keep, key), self._without)
        return self._icons[key]

    def _keep(self, key: tuple[Path, int], pixels: Pixels | None) -> None:
        if pixels is not None:
            self._icons[key] = _icon(pixels)
            self.made.emit(key[0], self._icons[key])

    def _without(self, _error: ScumbleError) -> None:
        """A list does without."""


def _icon(pixels: Pixels | None) -> QIcon:
    """The picture in the middle of a square."""
    side = SIDE * SHARP
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    if pixels is not None:
        height, width = pixels.shape[:2]
        image = QImage(pixels.tobytes(), width, height, width * 4, QImage.Format.Format_RGBA8888)
        with QPainter(pixmap) as painter:
            painter.drawImage((side - width) // 2, (side - height) // 2, image)
    pixmap.setDevicePixelRatio(SHARP)
    return QIcon(pixmap)
