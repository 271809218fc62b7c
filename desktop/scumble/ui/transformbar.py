"""What the options bar shows during a free transformation: its numbers, turns and flips, and the two ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from scumble.paint.transform import Resampling
from scumble.tools.transforming import Shape, figures, flipped, turned_by_quarters, with_figures
from scumble.ui.icons import Icons
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.transform import Settings, TransformMode
from scumble.ui.widgets import indent, tool_button

FIELDS: Final = (
    ("x", "X", QT_TRANSLATE_NOOP("TransformBar", "Left edge, in pixels"), 100_000.0, ""),
    ("y", "Y", QT_TRANSLATE_NOOP("TransformBar", "Top edge, in pixels"), 100_000.0, ""),
    ("width", "W", QT_TRANSLATE_NOOP("TransformBar", "Width in pixels; below 0 is flipped"), 100_000.0, ""),
    ("height", "H", QT_TRANSLATE_NOOP("TransformBar", "Height in pixels"), 100_000.0, ""),
    ("angle", "∠", QT_TRANSLATE_NOOP("TransformBar", "Angle, clockwise"), 360.0, "°"),
    ("skew", "▱", QT_TRANSLATE_NOOP("TransformBar", "Slant"), 85.0, "°"),
)
"""Field of `Figures`, label, name, the largest value, unit."""

FILTERS: Final = (
    (Resampling.NEAREST, QT_TRANSLATE_NOOP("TransformBar", "Nearest")),
    (Resampling.BILINEAR, QT_TRANSLATE_NOOP("TransformBar", "Bilinear")),
    (Resampling.BICUBIC, QT_TRANSLATE_NOOP("TransformBar", "Bicubic")),
    (Resampling.LANCZOS, QT_TRANSLATE_NOOP("TransformBar", "Lanczos")),
)

Turn = Callable[[Shape], Shape | None]

TURNS: Final[tuple[tuple[str, str, Turn], ...]] = (
    (
        "rotate-left",
        QT_TRANSLATE_NOOP("TransformBar", "Turn 90° to the left"),
        lambda shape: turned_by_quarters(shape, -1),
    ),
    (
        "rotate-right",
        QT_TRANSLATE_NOOP("TransformBar", "Turn 90° to the right"),
        lambda shape: turned_by_quarters(shape, 1),
    ),
    ("flip-across", QT_TRANSLATE_NOOP("TransformBar", "Flip horizontally"), lambda shape: flipped(shape, across=True)),
    ("flip-down", QT_TRANSLATE_NOOP("TransformBar", "Flip vertically"), lambda shape: flipped(shape, across=False)),
)
"""Icon, name, and what becomes of the shape."""

HALF_TURN: Final = QT_TRANSLATE_NOOP("TransformBar", "Turn 180°")


class TransformBar(QWidget):
    """Follows the mode that is given to `follow`."""

    def __init__(self, icons: Icons, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._mode: TransformMode | None = None
        self.fields: dict[str, QDoubleSpinBox] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.link = tool_button(icons.icon("link"), self.tr("Keep the ratio of width and height"), checkable=True)
        self.link.toggled.connect(self._on_link)
        for name, label, title, most, unit in FIELDS:
            self._add_field(row, name, label, translate(title), most, unit)
            if name == "width":
                row.addWidget(self.link)
        row.addWidget(_line())
        self.turns: dict[str, QToolButton] = {}
        for icon, text, turn in TURNS:
            button = tool_button(icons.icon(icon), translate(text))
            button.clicked.connect(partial(self._turn, turn))
            self.turns[icon] = button
            row.addWidget(button)
        row.addWidget(_line())
        self.filter = QComboBox()
        for method, text in FILTERS:
            self.filter.addItem(translate(text), method)
        self.filter.setCurrentIndex(self.filter.findData(settings.resampling))
        self.filter.setAccessibleName(self.tr("How pixels are resampled"))
        self.filter.setToolTip(self.tr("How pixels are resampled"))
        self.filter.activated.connect(self._on_filter)
        row.addWidget(self.filter)
        row.addStretch(1)
        self.cancel = tool_button(icons.icon("close"), self.tr("Give up  (Escape)"))
        self.apply = tool_button(icons.icon("apply"), self.tr("Apply  (Enter)"))
        self.cancel.clicked.connect(lambda: self._with(TransformMode.give_up))
        self.apply.clicked.connect(lambda: self._with(TransformMode.apply))
        row.addWidget(self.cancel)
        row.addWidget(self.apply)
        for button in (self.link, *self.turns.values()):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def follow(self, mode: TransformMode) -> None:
        """Shows a transformation, and works on it until it has ended."""
        self._mode = mode
        mode.changed.connect(self._show)
        mode.ended.connect(self._let_go)
        mode.menu_wanted.connect(self._open_menu)
        self._show()

    def make_menu(self) -> QMenu:
        """What the right button offers."""
        menu = QMenu(self)
        for _, text, turn in TURNS:
            menu.addAction(translate(text)).triggered.connect(partial(self._turn, turn))
        menu.addAction(translate(HALF_TURN)).triggered.connect(
            partial(self._turn, lambda shape: turned_by_quarters(shape, 2))
        )
        menu.addSeparator()
        menu.addAction(self.tr("As it was at first")).triggered.connect(lambda: self._with(TransformMode.reset))
        menu.addSeparator()
        menu.addAction(self.tr("Apply")).triggered.connect(lambda: self._with(TransformMode.apply))
        menu.addAction(self.tr("Give up")).triggered.connect(lambda: self._with(TransformMode.give_up))
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In a field, Enter takes the number and gives the keys back to the canvas; Escape gives up."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._mode is not None:
            if event.key() == Qt.Key.Key_Escape:
                self._mode.give_up()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(watched, QDoubleSpinBox):
                watched.interpretText()
                self._mode.canvas.setFocus()
                return True
        return super().eventFilter(watched, event)

    def _add_field(self, row: QHBoxLayout, name: str, text: str, title: str, most: float, unit: str) -> None:
        field = QDoubleSpinBox()
        field.setRange(-most, most)
        field.setDecimals(1)
        field.setSuffix(unit)
        field.setFixedWidth(62)
        field.setKeyboardTracking(False)
        field.setProperty("bare", True)
        field.setAccessibleName(title)
        field.setToolTip(title)
        field.installEventFilter(self)
        indent(field)
        field.valueChanged.connect(partial(self._on_field, name))
        label = QLabel(text)
        label.setObjectName("muted")
        label.setToolTip(title)
        label.setBuddy(field)
        row.addWidget(label)
        row.addWidget(field)
        self.fields[name] = field

    def _on_field(self, name: str, value: float) -> None:
        if self._mode is None:
            return
        now = figures(self._mode.shape)
        wanted = replace(now, **{name: value})
        if self._settings.linked and name in ("width", "height") and value:
            factor = abs(value / getattr(now, name))
            other = "height" if name == "width" else "width"
            wanted = replace(wanted, **{other: getattr(now, other) * factor})
        self._mode.change(with_figures(self._mode.shape, wanted))
        self._show()

    def _on_link(self, linked: bool) -> None:
        self._settings.linked = linked

    def _on_filter(self) -> None:
        self._settings.resampling = self.filter.currentData()
        self._with(TransformMode.redraw)

    def _turn(self, turn: Turn, _checked: bool = False) -> None:
        if self._mode is not None:
            self._mode.change(turn(self._mode.shape))
            self._mode.canvas.setFocus()

    def _with(self, act: Callable[[TransformMode], None]) -> None:
        if self._mode is not None:
            self._mode.canvas.setFocus()
            act(self._mode)

    def _show(self) -> None:
        if self._mode is not None:
            now = figures(self._mode.shape)
            for name, field in self.fields.items():
                with QSignalBlocker(field):
                    field.setValue(getattr(now, name))

    def _let_go(self) -> None:
        self._mode = None

    def _open_menu(self, place: QPoint) -> None:
        menu = self.make_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)


def translate(text: str) -> str:
    """A text of this bar in the person's language."""
    return QCoreApplication.translate("TransformBar", text)


def _line() -> QWidget:
    line = QFrame()
    line.setObjectName("divider")
    line.setFixedSize(1, 20)
    return line
