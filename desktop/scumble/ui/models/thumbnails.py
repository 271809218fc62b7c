"""The pictures that lie beside model files, as A1111 and others put them there."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from scumble.api import ScumbleError
from scumble.protocol import ModelEntry
from scumble.ui.background import Background

ENDINGS: Final = tuple(f"{way}{kind}" for way in (".preview", "") for kind in (".png", ".jpg", ".jpeg", ".webp"))
"""What follows the name of the model in the name of its picture, the likeliest first."""

SIDE: Final = 320
"""Pixels of the longer side that are kept."""

MAX_SIDE: Final = 16_384
"""Pixels of a side of the file; what says it is larger is not read."""


class Thumbnails(QObject):
    """Read on another thread when they are first asked for. `changed` says that one is there."""

    changed = Signal()

    def __init__(self, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._background = background
        self._known: dict[tuple[str, tuple[int, int]], QPixmap | None] = {}

    def get(self, entry: ModelEntry) -> QPixmap | None:
        """The picture beside a file; None where there is none, or not yet."""
        key = entry.path, entry.stamp
        if key not in self._known:
            self._known[key] = None
            self._background.run(partial(read_preview, Path(entry.path)), partial(self._take, key), self._pass_over)
        return self._known[key]

    def _take(self, key: tuple[str, tuple[int, int]], image: QImage | None) -> None:
        if image is not None:
            self._known[key] = QPixmap.fromImage(image)
            self.changed.emit()

    def _pass_over(self, _error: ScumbleError) -> None:
        """A picture that cannot be read is none."""


def read_preview(model: Path) -> QImage | None:
    """The picture that belongs to a model, made small; None where there is none that can be read."""
    stem = model.with_suffix("") if model.is_file() else model
    for ending in ENDINGS:
        path = stem.with_name(stem.name + ending)
        if path.is_file():
            return _read(path)
    return None


def _read(path: Path) -> QImage | None:
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > MAX_SIDE:
        return None
    if max(size.width(), size.height()) > SIDE:
        reader.setScaledSize(size.scaled(QSize(SIDE, SIDE), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return None if image.isNull() else image
