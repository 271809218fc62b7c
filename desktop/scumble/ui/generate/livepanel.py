"""What there is to say and to choose while live painting is on."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from scumble.api import ScumbleError, Tool
from scumble.generation.remake import can_vary
from scumble.settings import Settings, find
from scumble.ui.generate.live import STEPS, LivePainter
from scumble.ui.icons import Icons
from scumble.ui.messages import error_text
from scumble.ui.widgets import SliderField, tool_button

IDS = ("live.steps", "live.strength")


class LivePanel(QFrame):
    """Hidden while it is off. `chosen` says that another number of steps, or strength, is wanted."""

    chosen = Signal()

    def __init__(self, painter: LivePainter, settings: Settings, icons: Icons) -> None:
        super().__init__()
        self._painter, self._settings = painter, settings
        self._refusal = ""
        self.setObjectName("live")
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.take = QPushButton(self.tr("Take"))
        self.take.setToolTip(self.tr("Make the picture that is shown a layer  (Enter)"))
        self.take.clicked.connect(painter.take)
        self.dice = tool_button(icons.icon("dice"), self.tr("Another seed"))
        self.dice.clicked.connect(painter.another_seed)
        self.steps, self.strength = (self._slider(name) for name in IDS)
        head = QHBoxLayout()
        head.addWidget(self.state, 1)
        head.addWidget(self.dice)
        head.addWidget(self.take)
        grid = QGridLayout()
        grid.setColumnMinimumWidth(0, 82)
        self._rows = {}
        for row, (name, field) in enumerate(zip(IDS, (self.steps, self.strength), strict=True)):
            title = QLabel(self.tr("Steps") if name == IDS[0] else self.tr("Strength"))
            title.setBuddy(field)
            grid.addWidget(title, row, 0)
            grid.addWidget(field, row, 1)
            self._rows[name] = (title, field)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addLayout(grid)
        painter.changed.connect(self.refresh)
        painter.refused.connect(self._refuse)
        self.hide()

    def show_tool(self, tool: Tool | None) -> None:
        """Shows what can be chosen for a tool."""
        for name, has in zip(IDS, (tool is not None and STEPS in tool.params, tool and can_vary(tool)), strict=True):
            for widget in self._rows[name]:
                widget.setVisible(bool(has))

    def refresh(self) -> None:
        """Says how it is."""
        painter = self._painter
        self.setVisible(painter.on)
        self.take.setEnabled(painter.shown is not None)
        if painter.lack:
            self.state.setText(self._refusal)
        elif painter.shown is None:
            self.state.setText(self.tr("Live: the first picture is being made…"))
        else:
            seconds = f"{painter.seconds:.1f}"
            self.state.setText(self.tr("Live: follows in about {seconds}\u00a0s").format(seconds=seconds))

    def _refuse(self, error: ScumbleError) -> None:
        self._refusal = error_text(error.code, error.params)
        self.refresh()

    def _slider(self, name: str) -> SliderField:
        setting = find(name)
        field = SliderField(setting.title, setting.minimum or 0, setting.maximum or 100, unit=setting.unit)
        field.show_value(self._settings.number(name))
        field.changed.connect(lambda value: self._choose(name, value))
        return field

    def _choose(self, name: str, value: float) -> None:
        self._settings.set(name, round(value))
        self.chosen.emit()
