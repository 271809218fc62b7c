"""Choosing a picture for a tool: one of the document's layers, or a file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon, QImage, QImageReader, QPixmap
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from scumble.api import Input, Picture, ScumbleError
from scumble.document import Document, LayerId, PaintLayer, find, walk
from scumble.generation.colours import Colours
from scumble.generation.pictures import to_picture
from scumble.ui.docks.thumbnails import Thumbnails
from scumble.ui.icons import Icons
from scumble.ui.session import DocumentSession
from scumble.ui.theme import Theme

SIDE: Final = 56
"""The side of the thumbnail, in device-independent pixels."""

MENU_SIDE: Final = 24
"""That of the layers to choose from."""

LONGEST: Final = 2048
"""Larger pictures are made smaller as they are read; a tool looks at their style, not at every pixel."""


class PictureField(QToolButton):
    """Shows the chosen picture; a click offers the layers and a file. `refused` carries a `ScumbleError`."""

    changed = Signal()
    refused = Signal(object)

    def __init__(self, given: Input, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.given = given
        self._theme, self._icons = theme, icons
        self._made: tuple[object, Picture | None] | None = None
        self._session: DocumentSession | None = None
        self._file: Path | None = None
        self._layer: LayerId | None = None
        self._from_file: Picture | None = None
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setSizePolicy(self.sizePolicy().Policy.Expanding, self.sizePolicy().verticalPolicy())
        self.setAccessibleName(given.title or given.name)
        self.setToolTip(self.tr("Choose a layer or a file, or drop a file here"))
        self.setAcceptDrops(True)
        self.setStyleSheet(
            "PictureField { background: palette(base); border: 1px solid palette(mid); border-radius: 4px; }"
            "PictureField:hover, PictureField:focus { border-color: palette(highlight); }"
            "PictureField::menu-indicator { image: none; width: 0; }"
        )
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.setMenu(self._menu)
        self._show()

    def set_session(self, session: DocumentSession | None) -> None:
        """Offers the layers of another document; a chosen layer is forgotten, a file is kept."""
        if session is not self._session:
            self._session = session
            self._layer = self._made = None
            self._show()

    def picture(self) -> Picture | None:
        """The chosen picture, `(h, w, 3|4)`; None where there is none or its layer has gone."""
        if self._layer is None or self._session is None:
            return self._from_file
        seen = _state_of(self._session.document, self._layer)
        if self._made is None or self._made[0] != seen:
            self._made = seen, layer_picture(self._session.document, self._layer)
        return self._made[1]

    def choose_layer(self, layer: LayerId) -> None:
        """Takes a layer of the current document."""
        self._layer, self._file, self._from_file = layer, None, None
        self._show()
        self.changed.emit()

    def choose_file(self, path: Path) -> None:
        """Takes a file; one that is no picture is refused."""
        try:
            self._from_file = read_picture(path)
        except ScumbleError as error:
            self.refused.emit(error)
            return
        self._file, self._layer = path, None
        self._show()
        self.changed.emit()

    def choose_picture(self, picture: Picture) -> None:
        """Takes a picture that is in neither."""
        self._from_file, self._file, self._layer = picture, None, None
        self._show()
        self.changed.emit()

    def clear(self) -> None:
        """Takes none."""
        self._from_file = self._file = self._layer = None
        self._show()
        self.changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A file may be dropped on it."""
        if event.mimeData().hasUrls() and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Takes the file that was dropped."""
        self.choose_file(Path(event.mimeData().urls()[0].toLocalFile()))

    def _fill_menu(self) -> None:
        self._menu.clear()
        if self._session is not None:
            document = self._session.document
            small = Thumbnails(document, self._theme, MENU_SIDE, self.devicePixelRatioF())
            for layer in reversed([node for node in walk(document.layers) if isinstance(node, PaintLayer)]):
                action = self._menu.addAction(QIcon(small.get(layer.surface)), _plain(layer.name))
                action.triggered.connect(lambda _checked=False, chosen=layer.id: self.choose_layer(chosen))
            self._menu.addSeparator()
        self._menu.addAction(self._icons.icon("open"), self.tr("From a file…"), self._ask)
        if self._layer is not None or self._from_file is not None:
            self._menu.addAction(self._icons.icon("close"), self.tr("None"), self.clear)

    def _ask(self) -> None:
        endings = " ".join(f"*.{bytes(kind.data()).decode()}" for kind in QImageReader.supportedImageFormats())
        name, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Choose a picture"),
            str(self._file or ""),
            self.tr("Pictures ({endings})").format(endings=endings),
        )
        if name:
            self.choose_file(Path(name))

    def _show(self) -> None:
        picture = self.picture()
        if picture is None:
            self.setIcon(self._icons.icon("picture"))
            self.setText(self.tr("Choose a layer or a file…"))
            return
        self.setIcon(_thumbnail(picture, SIDE * 2))
        if self._layer is not None and self._session is not None:
            self.setText(_plain(self._session.document.layer(self._layer).name))
        else:
            self.setText(_plain(self._file.name if self._file else self.tr("Picture")))


def layer_picture(document: Document, layer_id: LayerId) -> Picture | None:
    """What is on a layer, within the canvas; None when it has gone or is empty."""
    try:
        layer = document.paint_layer(layer_id)
    except KeyError:
        return None
    surface = document.surface(layer.surface)
    area = surface.bounds() & document.bounds
    if area.empty:
        return None
    shrink = max(max(area.width, area.height) / LONGEST, 1.0)
    size = (max(round(area.width / shrink), 1), max(round(area.height / shrink), 1))
    picture = to_picture(surface.read(area), document.format, size, alpha=True)
    return Colours(document.structure.icc).to_model(picture)


def _state_of(document: Document, layer_id: LayerId) -> object:
    """What a layer's picture depends on; other ones are unequal."""
    layer = find(document.layers, layer_id)
    tiles = dict(document.surface(layer.surface).tiles) if isinstance(layer, PaintLayer) else None
    return layer_id, tiles, document.bounds, document.structure.icc


def read_picture(path: Path) -> Picture:
    """A file as a straight picture. Raises `ScumbleError`: `file-not-found`, `file-not-image`."""
    if not path.is_file():
        raise ScumbleError("file-not-found", path=path.name)
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if max(size.width(), size.height()) > LONGEST:
        reader.setScaledSize(size.scaled(LONGEST, LONGEST, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise ScumbleError("file-not-image", path=path.name, details=reader.errorString())
    return picture_of(image)


def picture_of(image: QImage) -> Picture:
    """A QImage as a straight picture `(h, w, 4)`."""
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : plain.width() * 4].reshape(plain.height(), plain.width(), 4).copy()


def image_of(picture: Picture) -> QImage:
    """A picture as a QImage of its own."""
    kind = QImage.Format.Format_RGBA8888 if picture.shape[2] == 4 else QImage.Format.Format_RGB888
    whole = np.ascontiguousarray(picture)
    return QImage(whole.data, whole.shape[1], whole.shape[0], whole.strides[0], kind).copy()


def _thumbnail(picture: Picture | None, side: int) -> QIcon:
    if picture is None:
        return QIcon()
    shrink = max(max(picture.shape[:2]) / side, 1.0)
    size = (max(round(picture.shape[1] / shrink), 1), max(round(picture.shape[0] / shrink), 1))
    return QIcon(QPixmap.fromImage(image_of(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))))


def _plain(text: str) -> str:
    return text.replace("&", "&&")
