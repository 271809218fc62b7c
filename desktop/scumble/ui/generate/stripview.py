"""The list of candidates as it looks: a card each, those of one job side by side, with seed, prompt and star."""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import cv2
from PySide6.QtCore import QCoreApplication, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from scumble.generation import layer_name
from scumble.ui.generate.candidates import Candidates, Result
from scumble.ui.generate.inputs import image_of
from scumble.ui.theme import Theme

SIDE: Final = 84
"""The side of a thumbnail, in device-independent pixels."""

NARROW: Final = QSize(SIDE + 12, SIDE + 26)
WIDE: Final = QSize(SIDE + 122, SIDE + 26)
"""A card with its seed below the picture, and with seed and prompt beside it; the latter where all have room so."""

GAP: Final = 10
"""Between the candidates of one job and those of the next."""

ON_PICTURE: Final = QColor(20, 20, 20, 200)
"""The ground of what is drawn on a picture, whatever that shows."""

STAR: Final = QColor(255, 205, 90)

Index: TypeAlias = QModelIndex | QPersistentModelIndex


class CandidateList(QListWidget):
    """`numbers` are shown on the cards of those that are painted together, one of which is the `source`."""

    def __init__(self, candidates: Candidates, theme: Theme) -> None:
        super().__init__()
        self.numbers: dict[Result, int] = {}
        self.source: Result | None = None
        self.wide = False
        self.setItemDelegate(_Cards(self, candidates, theme))
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setFlow(QListWidget.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListWidget.Movement.Static)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setSpacing(2)
        self.setMouseTracking(True)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wide cards where there is room for them."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Chooses between wide and narrow cards."""
        wide = self.count() * (WIDE.width() + GAP) <= self.viewport().width()
        if wide != self.wide:
            self.wide = wide
            self.scheduleDelayedItemsLayout()


def result_of(index: Index) -> Result:
    """The candidate of a card."""
    result = index.data(Qt.ItemDataRole.UserRole)
    assert isinstance(result, Result)
    return result


def begins_job(index: Index) -> bool:
    """Whether the card before it, if there is one, belongs to another job."""
    before = index.sibling(index.row() - 1, 0)
    return before.isValid() and result_of(before).prepared.job.id != result_of(index).prepared.job.id


def thumbnail(result: Result, ratio: float) -> QPixmap:
    """A candidate, small."""
    image = result.candidate.image if result.small is None else result.small
    shrink = max(image.shape[:2]) / round(SIDE * ratio)
    size = (max(round(image.shape[1] / shrink), 1), max(round(image.shape[0] / shrink), 1))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrink > 1 else cv2.INTER_CUBIC)
    pixmap = QPixmap.fromImage(image_of(small))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def paint_star(painter: QPainter, place: QRect) -> None:
    """A star on a picture."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ON_PICTURE)
    painter.drawEllipse(place)
    middle, reach = QRectF(place).center(), place.width() * 0.36
    points = [
        middle + QPointF(math.sin(turn), -math.cos(turn)) * reach * (0.45 if spike % 2 else 1.0)
        for spike in range(10)
        for turn in (spike * math.pi / 5,)
    ]
    painter.setBrush(STAR)
    painter.drawPolygon(QPolygonF(points))


def paint_badge(painter: QPainter, box: QRect, text: str) -> None:
    """A word at the foot of a picture."""
    metrics = painter.fontMetrics()
    width = min(metrics.horizontalAdvance(text) + 14, box.width())
    badge = QRectF(box.center().x() - width / 2, box.bottom() - metrics.height() - 5, width, metrics.height() + 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ON_PICTURE)
    painter.drawRoundedRect(badge, badge.height() / 2, badge.height() / 2)
    painter.setPen(Qt.GlobalColor.white)
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)


class _Cards(QStyledItemDelegate):
    def __init__(self, view: CandidateList, candidates: Candidates, theme: Theme) -> None:
        super().__init__(view)
        self._view, self._candidates = view, candidates
        self._text, self._muted = theme.colour("text"), theme.colour("muted")
        self._chosen, self._hover, self._line = theme.colour("selected"), theme.colour("hover"), theme.colour("border")
        self._accent, self._strong = theme.colour("accent"), theme.colour("accent-strong")
        self._on_accent = theme.colour("accent-text")

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Wide or narrow, and room for a line where another job begins."""
        size = WIDE if self._view.wide else NARROW
        return QSize(size.width() + (GAP if begins_job(index) else 0), size.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws a card."""
        result, whole = result_of(index), QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if begins_job(index):
            painter.setPen(QPen(self._line, 1))
            painter.drawLine(whole.left() + GAP // 2, whole.top() + 8, whole.left() + GAP // 2, whole.bottom() - 8)
            whole.setLeft(whole.left() + GAP)
        self._paint_ground(painter, option, whole, result)
        box = QRect(whole.left() + 6, whole.top() + 5, SIDE, SIDE)
        self._paint_picture(painter, box, index)
        if result.starred:
            paint_star(painter, QRect(box.right() - 22, box.top() + 3, 20, 20))
        if result.blurred:
            paint_badge(painter, box, QCoreApplication.translate("CandidateStrip", "Blurred"))
        if result in self._view.numbers:
            self._paint_number(painter, box, result)
        self._paint_words(painter, whole, box, index)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, whole: QRect, result: Result) -> None:
        shown = result is self._candidates.shown or result is self._view.source
        ground = QColor(Qt.GlobalColor.transparent)
        if option.state & QStyle.StateFlag.State_Selected:
            ground = self._chosen
        elif option.state & QStyle.StateFlag.State_MouseOver:
            ground = self._hover
        painter.setBrush(ground)
        painter.setPen(QPen(self._strong, 1.5) if shown else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(QRectF(whole).adjusted(1, 1, -1, -1), 5, 5)

    def _paint_picture(self, painter: QPainter, box: QRect, index: Index) -> None:
        pixmap = index.data(Qt.ItemDataRole.DecorationRole)
        if not isinstance(pixmap, QPixmap):
            return
        size = pixmap.deviceIndependentSize()
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(QRectF(box).center())
        path = QPainterPath()
        path.addRoundedRect(place, 3, 3)
        painter.save()
        painter.setClipPath(path)
        painter.drawPixmap(place.topLeft(), pixmap)
        painter.restore()

    def _paint_number(self, painter: QPainter, box: QRect, result: Result) -> None:
        badge = QRectF(box.left() + 3, box.top() + 3, 20, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._accent if result is self._view.source else ON_PICTURE)
        painter.drawEllipse(badge)
        painter.setPen(self._on_accent if result is self._view.source else Qt.GlobalColor.white)
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(self._view.numbers[result]))

    def _paint_words(self, painter: QPainter, whole: QRect, box: QRect, index: Index) -> None:
        label = str(index.data())
        metrics = painter.fontMetrics()
        painter.setPen(self._text)
        if not self._view.wide:
            place = QRect(whole.left() + 4, box.bottom() + 2, whole.width() - 8, metrics.height())
            shown = metrics.elidedText(label, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)
            return
        place = QRect(box.right() + 10, box.top(), whole.right() - box.right() - 16, metrics.height())
        bold = QFont(painter.font())
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        shown = painter.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft, shown)
        painter.setFont(self._view.font())
        painter.setPen(self._muted)
        rest = QRect(place.left(), place.bottom() + 4, place.width(), whole.bottom() - place.bottom() - 8)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        painter.setClipRect(rest)
        painter.drawText(rest, int(flags), layer_name(result_of(index).prepared))
