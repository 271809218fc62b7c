"""The colour chooser: a square of saturation and value, a bar of hue, a hex field, the two colours, recent ones."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QRegularExpression, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegularExpressionValidator,
)
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from scumble.tools import Colour
from scumble.ui.icons import Icons
from scumble.ui.theme import Theme
from scumble.ui.toolstate import RECENT, ToolState
from scumble.ui.widgets import tool_button

BAR = 18
SWATCH = 20


def to_qcolor(colour: Colour) -> QColor:
    """A straight colour of 0…1 as Qt has it."""
    return QColor.fromRgbF(*colour)


def from_qcolor(colour: QColor) -> Colour:
    """And back, in whole steps of 8 bits."""
    return colour.red() / 255, colour.green() / 255, colour.blue() / 255


class ColourDock(QWidget):
    """Chooses the foreground; the background by swapping."""

    def __init__(self, tools: ToolState, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._tools = tools
        self._own = False
        self.square = HueSquare()
        self.square.changed.connect(self._chosen)
        self.hex = QLineEdit()
        self.hex.setValidator(QRegularExpressionValidator(QRegularExpression("#?[0-9a-fA-F]{0,6}"), self.hex))
        self.hex.setFixedWidth(84)
        self.hex.setAccessibleName(self.tr("Colour as six hexadecimal digits"))
        self.hex.setToolTip(self.tr("Colour as six hexadecimal digits"))
        self.hex.editingFinished.connect(self._typed)
        self.pair = ColourPair(tools, theme)
        swap = tool_button(icons.icon("swap"), self.tr("Swap the colours  (X)"))
        swap.clicked.connect(tools.swap_colours)
        reset = tool_button(icons.icon("reset"), self.tr("Black and white  (D)"))
        reset.clicked.connect(tools.reset_colours)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.pair)
        row.addWidget(swap)
        row.addWidget(reset)
        row.addStretch(1)
        row.addWidget(self.hex)
        self.recent = RecentColours(tools, theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.square, 1)
        column.addLayout(row)
        column.addWidget(self.recent)
        column.addStretch(0)
        tools.colours_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        colour = to_qcolor(self._tools.foreground)
        if not self._own:
            self.square.show_colour(colour)
        with QSignalBlocker(self.hex):
            self.hex.setText(colour.name())

    def _chosen(self, colour: QColor) -> None:
        # The square keeps its own hue: a grey has none, and rounding must not make the mark jump.
        self._own = True
        self._tools.set_foreground(from_qcolor(colour))
        self._own = False

    def _typed(self) -> None:
        text = self.hex.text().lstrip("#")
        if len(text) in (3, 6):
            self._tools.set_foreground(from_qcolor(QColor("#" + text)))
        self._show()


class HueSquare(QWidget):
    """Saturation across, value up; beside it the hue. `changed` carries a QColor. Arrow keys change the square."""

    changed = Signal(QColor)

    def __init__(self) -> None:
        super().__init__()
        self._hue, self._saturation, self._value = 0.0, 0.0, 0.0
        self._on_bar = False
        self.setMinimumSize(140, 96)
        self.setMaximumHeight(260)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Saturation, value and hue"))

    def sizeHint(self) -> QSize:
        """Wider than high."""
        return QSize(240, 150)

    def show_colour(self, colour: QColor) -> None:
        """Moves the marks; a grey leaves the hue where it is."""
        hue, saturation, value = colour.hsvHueF(), colour.hsvSaturationF(), colour.valueF()
        if saturation > 0:
            self._hue = max(hue, 0.0)
        if value > 0:
            self._saturation = saturation
        self._value = value
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws square, bar and marks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        square, bar = self._square(), self._bar()
        painter.setPen(Qt.PenStyle.NoPen)
        across = QLinearGradient(square.topLeft(), square.topRight())
        across.setColorAt(0, QColor("white"))
        across.setColorAt(1, QColor.fromHsvF(self._hue, 1, 1))
        down = QLinearGradient(square.topLeft(), square.bottomLeft())
        down.setColorAt(0, QColor(0, 0, 0, 0))
        down.setColorAt(1, QColor(0, 0, 0))
        for brush in (across, down):
            painter.setBrush(brush)
            painter.drawRoundedRect(square, 3, 3)
        hues = QLinearGradient(bar.topLeft(), bar.bottomLeft())
        for step in range(7):
            hues.setColorAt(step / 6, QColor.fromHsvF(step % 6 / 6, 1, 1))
        painter.setBrush(hues)
        painter.drawRoundedRect(bar, 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        place = QPointF(
            square.left() + self._saturation * square.width(), square.bottom() - self._value * square.height()
        )
        y = bar.top() + self._hue * bar.height()
        for colour, width in ((QColor(0, 0, 0, 160), 3.5), (QColor("white"), 1.75)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(place, 5.5, 5.5)
            painter.drawRoundedRect(QRectF(bar.left() + 1, y - 3, bar.width() - 2, 6), 2, 2)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold of the square or the bar."""
        self._on_bar = event.position().x() >= self._bar().left() - 4
        self._take(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags."""
        self._take(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows change saturation and value, with Shift the hue."""
        step = {Qt.Key.Key_Left: -0.02, Qt.Key.Key_Down: -0.02, Qt.Key.Key_Right: 0.02, Qt.Key.Key_Up: 0.02}
        if event.key() not in step:
            super().keyPressEvent(event)
            return
        by = step[Qt.Key(event.key())]
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._hue = (self._hue + by) % 1.0
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._saturation = min(max(self._saturation + by, 0.0), 1.0)
        else:
            self._value = min(max(self._value + by, 0.0), 1.0)
        self._tell()

    def _take(self, point: QPointF) -> None:
        square, bar = self._square(), self._bar()
        if self._on_bar:
            self._hue = min(max((point.y() - bar.top()) / bar.height(), 0.0), 0.9999)
        else:
            self._saturation = min(max((point.x() - square.left()) / square.width(), 0.0), 1.0)
            self._value = min(max((square.bottom() - point.y()) / square.height(), 0.0), 1.0)
        self._tell()

    def _tell(self) -> None:
        self.update()
        self.changed.emit(QColor.fromHsvF(self._hue, self._saturation, self._value))

    def _square(self) -> QRectF:
        return QRectF(0, 0, max(self.width() - BAR - 8, 1), max(self.height(), 1))

    def _bar(self) -> QRectF:
        return QRectF(self.width() - BAR, 0, BAR, max(self.height(), 1))


class ColourPair(QWidget):
    """Foreground over background; a click on the background swaps them."""

    def __init__(self, tools: ToolState, theme: Theme) -> None:
        super().__init__()
        self._tools = tools
        self._line = theme.colour("border")
        self.setFixedSize(44, 32)
        self.setToolTip(self.tr("Foreground and background colour"))
        self.setAccessibleName(self.tr("Foreground and background colour"))
        tools.colours_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the two."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._line, 1))
        for place, colour in (
            (QRectF(16.5, 9.5, 26, 22), self._tools.background),
            (QRectF(0.5, 0.5, 26, 22), self._tools.foreground),
        ):
            painter.setBrush(to_qcolor(colour))
            painter.drawRoundedRect(place, 3, 3)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The background was clicked."""
        if not QRectF(0, 0, 27, 23).contains(event.position()):
            self._tools.swap_colours()


class RecentColours(QWidget):
    """A row of colours that were painted with."""

    def __init__(self, tools: ToolState, theme: Theme) -> None:
        super().__init__()
        self._tools = tools
        self._line, self._empty = theme.colour("border"), theme.colour("field")
        self.setFixedHeight(SWATCH)
        self.setMinimumWidth(120)
        self.setToolTip(self.tr("Recent colours"))
        self.setAccessibleName(self.tr("Recent colours"))
        tools.colours_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the row."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, colour in zip(self._places(), (*self._tools.recent, *[None] * RECENT), strict=False):
            painter.setPen(QPen(self._line if colour is not None else self._empty, 1))
            painter.setBrush(to_qcolor(colour) if colour is not None else self._empty)
            painter.drawRoundedRect(place, 2, 2)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes a colour again."""
        for place, colour in zip(self._places(), self._tools.recent, strict=False):
            if place.contains(event.position()):
                self._tools.set_foreground(colour)
                return

    def _places(self) -> list[QRectF]:
        step = self.width() / RECENT
        return [QRectF(i * step + 0.5, 0.5, step - 4, SWATCH - 1) for i in range(RECENT)]
