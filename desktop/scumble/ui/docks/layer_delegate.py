"""How a row of the layers dock is drawn, and what a click on its parts does."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from scumble.document import BlendMode, Group, Layer, PaintLayer
from scumble.ui.docks.layer_model import LayerModel
from scumble.ui.docks.thumbnails import Thumbnails
from scumble.ui.icons import Icons
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.session import DocumentSession, Target
from scumble.ui.theme import Theme

ROW = 44
THUMB = 32
EYE = 24
LOCK = 24
GAP = 6
CLIP = 18
STALE = 20

MODES: Final[Mapping[BlendMode, str]] = {
    BlendMode.NORMAL: QT_TRANSLATE_NOOP("modes", "Normal"),
    BlendMode.MULTIPLY: QT_TRANSLATE_NOOP("modes", "Multiply"),
    BlendMode.SCREEN: QT_TRANSLATE_NOOP("modes", "Screen"),
    BlendMode.OVERLAY: QT_TRANSLATE_NOOP("modes", "Overlay"),
    BlendMode.DARKEN: QT_TRANSLATE_NOOP("modes", "Darken"),
    BlendMode.LIGHTEN: QT_TRANSLATE_NOOP("modes", "Lighten"),
    BlendMode.COLOR_DODGE: QT_TRANSLATE_NOOP("modes", "Colour dodge"),
    BlendMode.COLOR_BURN: QT_TRANSLATE_NOOP("modes", "Colour burn"),
    BlendMode.HARD_LIGHT: QT_TRANSLATE_NOOP("modes", "Hard light"),
    BlendMode.SOFT_LIGHT: QT_TRANSLATE_NOOP("modes", "Soft light"),
    BlendMode.DIFFERENCE: QT_TRANSLATE_NOOP("modes", "Difference"),
    BlendMode.EXCLUSION: QT_TRANSLATE_NOOP("modes", "Exclusion"),
    BlendMode.ADD: QT_TRANSLATE_NOOP("modes", "Add"),
    BlendMode.HUE: QT_TRANSLATE_NOOP("modes", "Hue"),
    BlendMode.SATURATION: QT_TRANSLATE_NOOP("modes", "Saturation"),
    BlendMode.COLOR: QT_TRANSLATE_NOOP("modes", "Colour"),
    BlendMode.LUMINOSITY: QT_TRANSLATE_NOOP("modes", "Luminosity"),
    BlendMode.LINEAR_BURN: QT_TRANSLATE_NOOP("modes", "Linear burn"),
    BlendMode.LINEAR_LIGHT: QT_TRANSLATE_NOOP("modes", "Linear light"),
    BlendMode.VIVID_LIGHT: QT_TRANSLATE_NOOP("modes", "Vivid light"),
    BlendMode.PIN_LIGHT: QT_TRANSLATE_NOOP("modes", "Pin light"),
    BlendMode.HARD_MIX: QT_TRANSLATE_NOOP("modes", "Hard mix"),
    BlendMode.HARD_MIX_PHOTOSHOP: QT_TRANSLATE_NOOP("modes", "Hard mix (threshold)"),
    BlendMode.DIVIDE: QT_TRANSLATE_NOOP("modes", "Divide"),
    BlendMode.SUBTRACT: QT_TRANSLATE_NOOP("modes", "Subtract"),
    BlendMode.GRAIN_EXTRACT: QT_TRANSLATE_NOOP("modes", "Grain extract"),
    BlendMode.GRAIN_MERGE: QT_TRANSLATE_NOOP("modes", "Grain merge"),
    BlendMode.DARKER_COLOR: QT_TRANSLATE_NOOP("modes", "Darker colour"),
    BlendMode.LIGHTER_COLOR: QT_TRANSLATE_NOOP("modes", "Lighter colour"),
}
"""What the blend modes are called."""


class Part(Enum):
    """The parts of a row."""

    EYE = auto()
    THUMBNAIL = auto()
    MASK = auto()
    NAME = auto()
    LOCK = auto()


class LayerDelegate(QStyledItemDelegate):
    """Draws the rows, names them for editing, and says what their parts do."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self.session: DocumentSession | None = None
        self.thumbnails: Thumbnails | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One height for all."""
        return QSize(160, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Eye, thumbnail, mask, name with what is unusual about the layer, lock."""
        layer = self._layer(index)
        if layer is None:
            return
        rect: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        if chosen or hovered:
            painter.fillRect(rect, self._theme.colour("selected" if chosen else "hover"))
        parts = parts_of(layer, rect)
        self._icon(painter, parts[Part.EYE], "eye" if layer.visible else "eye-off", dim=not layer.visible)
        if layer.clip:
            self._icon(painter, clip_rect(rect), "clip")
        active = chosen and self.session is not None and layer == self.session.document.active
        self._thumbnail(painter, layer, parts, active)
        if layer.locked or hovered:
            self._icon(painter, parts[Part.LOCK], "lock" if layer.locked else "unlock", dim=not layer.locked)
        name = parts[Part.NAME]
        if self._is_stale(layer):
            self._icon(painter, stale_rect(name), "stale")
            name = name.adjusted(0, 0, -STALE, 0)
        self._words(painter, layer, name, option.font, chosen=chosen)
        painter.restore()

    def _is_stale(self, layer: Layer) -> bool:
        return self.session is not None and layer.id in self.session.stale

    def _thumbnail(self, painter: QPainter, layer: Layer, parts: dict[Part, QRect], active: bool) -> None:
        place = parts[Part.THUMBNAIL]
        if isinstance(layer, PaintLayer) and self.thumbnails is not None:
            painter.drawPixmap(place.topLeft(), self.thumbnails.get(layer.surface))
        else:
            self._icon(painter, place, "group")
        masked = self.session is not None and self.session.target is Target.MASK
        if layer.mask is not None and self.thumbnails is not None:
            painter.setOpacity(1.0 if layer.mask_enabled else 0.4)
            painter.drawPixmap(parts[Part.MASK].topLeft(), self.thumbnails.get(layer.mask))
            painter.setOpacity(1.0)
            if not layer.mask_enabled:
                self._cross(painter, parts[Part.MASK])
        for part, lit in ((Part.THUMBNAIL, not masked), (Part.MASK, masked)):
            if part in parts and layer.mask is not None and active and lit:
                painter.setPen(QPen(self._theme.colour("accent-strong"), 2))
                painter.drawRect(parts[part].adjusted(-1, -1, 0, 0))

    def _cross(self, painter: QPainter, place: QRect) -> None:
        """Through the mask that is switched off."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("error"), 2))
        inner = place.adjusted(3, 3, -3, -3)
        painter.drawLine(inner.topLeft(), inner.bottomRight())
        painter.drawLine(inner.topRight(), inner.bottomLeft())
        painter.restore()

    def _words(self, painter: QPainter, layer: Layer, place: QRect, font: QFont, *, chosen: bool) -> None:
        painter.setPen(self._theme.colour("text" if layer.visible or chosen else "muted"))
        notes = self._notes(layer)
        name = place.adjusted(0, 0, 0, -place.height() // 2) if notes else place
        painter.setFont(font)
        low = Qt.AlignmentFlag.AlignVCenter if not notes else Qt.AlignmentFlag.AlignBottom
        metrics = painter.fontMetrics()
        text = metrics.elidedText(layer.name, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(name, Qt.AlignmentFlag.AlignLeft | low, text)
        if notes:
            small = QFont(font)
            small.setPointSizeF(font.pointSizeF() * 0.85)
            painter.setFont(small)
            painter.setPen(self._theme.colour("text" if chosen else "muted"))
            below = place.adjusted(0, place.height() // 2 + 1, 0, 0)
            text = painter.fontMetrics().elidedText(notes, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, text)

    def _notes(self, layer: Layer) -> str:
        notes = []
        if layer.opacity < 1.0:
            notes.append(f"{layer.opacity * 100:.0f} %")
        if layer.mode is not layer.mode.NORMAL:
            notes.append(mode_title(layer.mode))
        if isinstance(layer, Group) and not layer.isolated:
            notes.append(self.tr("Pass through"))
        if isinstance(layer, PaintLayer) and layer.alpha_locked:
            notes.append(self.tr("Alpha locked"))
        if isinstance(layer, PaintLayer) and layer.recipe is not None:
            notes.append(self.tr("Generated"))
        return " · ".join(notes)

    def _icon(self, painter: QPainter, place: QRect, name: str, *, dim: bool = False) -> None:
        box = QRect(0, 0, 18, 18)
        box.moveCenter(place.center())
        painter.setOpacity(0.45 if dim else 1.0)
        self._icons.icon(name).paint(painter, box)
        painter.setOpacity(1.0)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The field for the name lies over the name."""
        layer = self._layer(index)
        if layer is not None:
            place = parts_of(layer, option.rect)[Part.NAME]
            editor.setGeometry(place.adjusted(-4, 8, 0, -8))

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """A field for the name."""
        editor = QLineEdit(parent)
        editor.setAccessibleName(self.tr("Name of the layer"))
        return editor

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Says what a part of the row does."""
        layer = self._layer(index)
        part = part_at(layer, option.rect, event.pos()) if layer is not None else None
        if layer is None or part is None:
            return super().helpEvent(event, view, option, index)
        words = {
            Part.EYE: (self.tr("Hide the layer") if layer.visible else self.tr("Show the layer"))
            + "\n"
            + self.tr("Alt+click shows it alone, and again all others as before"),
            Part.THUMBNAIL: self.tr("Paint on the layer") + "\n" + self.tr("Ctrl+click selects what is opaque"),
            Part.MASK: self.tr("Paint on the layer mask") + "\n" + self.tr("Shift+click switches it off and on"),
            Part.NAME: self._name_tip(layer),
            Part.LOCK: self.tr("Unlock the layer") if layer.locked else self.tr("Lock the layer"),
        }
        QToolTip.showText(event.globalPos(), words[part], view)
        return True

    def _name_tip(self, layer: Layer) -> str:
        if not self._is_stale(layer):
            return layer.name
        return layer.name + "\n" + self.tr("What lies below has changed since it was made.")

    @staticmethod
    def _layer(index: QModelIndex | QPersistentModelIndex) -> Layer | None:
        model = index.model()
        return model.layer(index) if isinstance(model, LayerModel) and index.isValid() else None


def mode_title(mode: BlendMode) -> str:
    """The name of a blend mode as a person reads it."""
    return QCoreApplication.translate("modes", MODES[mode])


def parts_of(layer: Layer, row: QRect) -> dict[Part, QRect]:
    """Where the parts of a row are."""
    middle = row.center().y()
    left = row.left() + 2
    parts = {Part.EYE: QRect(left, row.top(), EYE, row.height())}
    left += EYE + GAP + (CLIP if layer.clip else 0)
    parts[Part.THUMBNAIL] = QRect(left, middle - THUMB // 2, THUMB, THUMB)
    left += THUMB + GAP
    if layer.mask is not None:
        parts[Part.MASK] = QRect(left, middle - THUMB // 2, THUMB, THUMB)
        left += THUMB + GAP
    right = row.right() - LOCK
    parts[Part.LOCK] = QRect(right, row.top(), LOCK, row.height())
    parts[Part.NAME] = QRect(left + 2, row.top() + 4, max(right - left - 4, 0), row.height() - 8)
    return parts


def clip_rect(row: QRect) -> QRect:
    """Where the arrow of a clipped layer points at the layer below."""
    return QRect(row.left() + 2 + EYE + GAP - 3, row.top(), CLIP, row.height())


def stale_rect(name: QRect) -> QRect:
    """Where, at the end of its name, a layer is marked below which something has changed."""
    return QRect(name.right() - STALE + 1, name.top(), STALE, name.height())


def part_at(layer: Layer, row: QRect, point: QPoint) -> Part | None:
    """The part of a row under a point."""
    return next((part for part, place in parts_of(layer, row).items() if place.contains(point)), None)
