"""How the engine is: a line of the dock, and what others want to know of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from scumble.api import ModelInfo
from scumble.generation import forecast
from scumble.service import EngineInfo, ModelService
from scumble.settings import Settings
from scumble.ui.theme import Theme


class EngineLine(QWidget):
    """A dot and a few words."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._dot = _Dot()
        self.text = QLabel()
        self.text.setObjectName("muted")
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)  # A long sentence must not widen the dock.
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._dot)
        layout.addWidget(self.text, 1)
        self.say("off", "")

    def say(self, kind: str, text: str) -> None:
        """`kind` is ready, busy, starting or off; the dot takes its colour from it."""
        names = {"ready": "accent", "busy": "accent-strong", "starting": "warning", "off": "disabled"}
        self._dot.set_colour(self._theme.colour(names.get(kind, "error")))
        self.text.setText(text)


class _Dot(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(9, 9)
        self._colour = QColor("grey")

    def set_colour(self, colour: QColor) -> None:
        self._colour = colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        painter.drawEllipse(self.rect().adjusted(1, 1, -1, -1))
        painter.end()


class EngineTeller(QObject):
    """Says in a line how the engine is and what it computes on, as far as it has said so."""

    _told = Signal(str)

    def __init__(self, service: ModelService, line: EngineLine, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._service, self._line, self._settings = service, line, settings
        self._device = self._reason = ""
        service.engine_info.connect(self._on_info)

    def tell(self, state: str) -> None:
        """Says an `EngineState`."""
        kinds = {"idle": "ready", "busy": "busy", "starting": "starting"}
        ready = self.tr("Ready on {device}").format(device=self._device) if self._device else self.tr("Ready")
        words = {
            "off": self.tr("The engine is off"),
            "starting": self.tr("The engine is starting…"),
            "idle": ready,
            "busy": self.tr("Working"),
            "unavailable": self.tr("The engine does not start; painting and saving still work"),
        }
        self._line.say(kinds.get(state, "off"), words.get(state, state))

    def value_bytes(self, native: int) -> int:
        """How many bytes a value has in the engine for a model of that side."""
        return forecast.value_bytes(self._settings.text("engine.dtype"), self._device.lower(), native)

    def remark(self) -> QLabel:
        """A label that says what the engine computes on and in which way, and why so."""
        label = QLabel(self._found())
        label.setObjectName("muted")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        self._told.connect(label.setText)
        return label

    def fact(self, models: Sequence[ModelInfo]) -> str:
        """For the diagnostics; not translated."""
        known = ", ".join(f"{model.id} ({model.family})" for model in models)
        device = f"{self._device or 'no device yet'}{f' ({self._reason})' * bool(self._reason)}"
        return f"Engine: {self._service.state}, {device}; models: {known or 'none'}"

    def _found(self) -> str:
        if not self._device:
            return self.tr("The engine has not looked yet what it can compute on.")
        return self.tr("Now: {device}; {reason}.").format(device=self._device, reason=self._reason)

    def _on_info(self, info: EngineInfo) -> None:
        self._device = "CPU" if info.device == "cpu" else info.device
        self._reason = info.reason
        self._line.setToolTip(info.reason)
        self._told.emit(self._found())
        self.tell(self._service.state)
