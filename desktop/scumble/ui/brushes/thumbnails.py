"""Pictures of presets: drawn when there is nothing else to do, and kept on the disk under what they show."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSize, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from scumble import __version__
from scumble.ui.brushes.preset import Preset, brush_values
from scumble.ui.brushes.stroke import Drawing, advance, draw_stroke
from scumble.ui.colours.mixer import from_qcolor
from scumble.ui.theme import Theme

LOOK: Final = 1
"""Raised when the same brush is drawn in another way."""

MOST: Final = 500
"""So many pictures are kept on the disk; the oldest go first."""

SLICE: Final = 0.006
"""Seconds that the window spends on them at a time."""


class Thumbnails(QObject):
    """`made` says that a picture that was asked for is there now."""

    made = Signal()

    def __init__(self, folder: Path, theme: Theme, size: QSize, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._ink = theme.colour("text")
        self._size = size
        self._made: dict[str, QPixmap] = {}
        self._wanted: dict[str, tuple[Preset, float]] = {}
        self._drawing: tuple[str, Drawing] | None = None
        self._idle = QTimer(self, singleShot=True, interval=0)
        self._idle.timeout.connect(self._make_next)
        self._pruned = False

    @property
    def waiting(self) -> int:
        """How many are still to be drawn."""
        return len(self._wanted)

    def get(self, preset: Preset, ratio: float) -> QPixmap | None:
        """The picture of a preset; None while it is still to be drawn."""
        key = self._key(preset, ratio)
        if key not in self._made:
            kept = QPixmap(str(self._file(key))) if self._file(key).is_file() else QPixmap()
            if kept.isNull():
                self._wanted[key] = (preset, ratio)
                self._idle.start()
                return None
            kept.setDevicePixelRatio(ratio)
            self._made[key] = kept
        return self._made[key]

    def _make_next(self) -> None:
        """A slice of one, so that the window stays awake."""
        if self._drawing is None:
            if not self._wanted:
                return
            key = next(iter(self._wanted))
            preset, ratio = self._wanted[key]
            self._drawing = key, draw_stroke(preset.brush, self._size, ratio, from_qcolor(self._ink), preset.tool)
        key, drawing = self._drawing
        image = advance(drawing, SLICE)
        if image is not None:
            self._drawing = None
            self._wanted.pop(key, None)
            self._made[key] = QPixmap.fromImage(image)
            self._keep(key, image)
            self.made.emit()
        if self._wanted:
            self._idle.start()

    def _keep(self, key: str, image: QImage) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._prune()
        except OSError:
            return  # without its cache it is drawn again next time
        image.save(str(self._file(key)))

    def _prune(self) -> None:
        """Once a session, when one is written."""
        if self._pruned:
            return
        self._pruned = True
        files = sorted(self._folder.glob("*.png"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files[MOST:]:
            file.unlink(missing_ok=True)

    def _key(self, preset: Preset, ratio: float) -> str:
        content = (
            LOOK,
            __version__,
            preset.tool,
            brush_values(preset.brush),
            from_qcolor(self._ink),
            self._size.toTuple(),
            ratio,
        )
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]

    def _file(self, key: str) -> Path:
        return self._folder / f"{key}.png"
