"""What a right click with a brush in hand offers at the pointer: its size and hardness, and the last colours."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFormLayout, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from scumble.files.palette import Swatch
from scumble.ui.colours.swatches import SwatchView
from scumble.ui.commands import Commands
from scumble.ui.session import DocumentSession
from scumble.ui.theme import Theme
from scumble.ui.toolstate import MAX_SIZE, MIN_SIZE, ToolState
from scumble.ui.widgets import SliderField, action_button
from scumble.ui.window import MainWindow

WIDTH = 280
BUTTONS = ("edit.undo", "edit.redo", "colours.swap", "colours.reset", "view.mirror", "view.upright")
"""Commands that one wants without looking away from the pointer."""


class BrushPopup(QFrame):
    """A part of the window, not a window: it closes when something else is clicked, and with Escape."""

    def __init__(self, window: QWidget, tools: ToolState, theme: Theme, commands: Commands) -> None:
        super().__init__(window)
        self._window = window
        self._tools = tools
        self.setObjectName("palette")
        self.setAccessibleName(self.tr("Brush"))
        self.setFixedWidth(WIDTH)
        self.hide()
        self.sliders = {
            "size": SliderField(self.tr("Size"), MIN_SIZE, MAX_SIZE, unit="px", curve=3.0),
            "hardness": SliderField(self.tr("Hardness"), 0, 100, unit="%"),
            "opacity": SliderField(self.tr("Opacity"), 0, 100, unit="%"),
        }
        form = QFormLayout()
        form.setSpacing(8)
        for name, slider in self.sliders.items():
            label = QLabel(slider.slider.accessibleName())
            label.setBuddy(slider)
            form.addRow(label, slider)
            slider.changed.connect(lambda value, field=name: self._change(field, value))
        self.recent = SwatchView(theme, self.tr("Recent colours"), self.tr("No colours yet"))
        self.recent.setToolTip(self.tr("Colours that were painted with"))
        self.recent.setFixedHeight(34)
        self.recent.chosen.connect(self._take)
        row = QHBoxLayout()
        row.setSpacing(2)
        for command in BUTTONS:
            row.addWidget(action_button(commands.action(command)))
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 8)
        column.setSpacing(10)
        column.addLayout(form)
        column.addWidget(self.recent)
        column.addLayout(row)
        tools.brush_changed.connect(self._show)
        tools.colours_changed.connect(self._show)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)

    def open_at(self, place: QPoint) -> None:
        """Opens with its middle at a place on the screen, as far as the window has room."""
        self._show()
        self.adjustSize()
        room = self._window.rect().adjusted(4, 4, -4, -4)
        corner = self._window.mapFromGlobal(place) - QPoint(self.width() // 2, 24)
        corner.setX(min(max(corner.x(), room.left()), max(room.right() - self.width(), room.left())))
        corner.setY(min(max(corner.y(), room.top()), max(room.bottom() - self.height(), room.top())))
        self.move(corner)
        self.show()
        self.raise_()
        self.sliders["size"].field.setFocus()

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        if self.isVisible() and now is not None and now is not self and not self.isAncestorOf(now):
            self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape and Enter close it."""
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.hide()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another size of text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.adjustSize()

    def _change(self, field: str, value: float) -> None:
        self._tools.change_brush(**{field: value if field == "size" else value / 100})

    def _take(self, colour: tuple[float, float, float]) -> None:
        self._tools.set_foreground(colour)
        self.hide()

    def _show(self) -> None:
        brush = self._tools.brush
        for name, slider in self.sliders.items():
            value = getattr(brush, name)
            slider.show_value(value if name == "size" else value * 100)
        self.recent.show_swatches(tuple(Swatch(colour) for colour in self._tools.recent))


def offer_brush(window: MainWindow) -> BrushPopup:
    """Lets every canvas offer it while a brush is in hand."""
    popup = BrushPopup(window, window.tools, window.theme, window.commands)

    def wanted(place: QPoint) -> None:
        if window.tools.has_brush:
            popup.open_at(place)

    def on_opened(session: DocumentSession) -> None:
        window.canvas_of(session).menu_wanted.connect(wanted)

    for session in window.sessions:
        on_opened(session)
    window.session_opened.connect(on_opened)
    return popup
