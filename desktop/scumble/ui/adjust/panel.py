"""The panel of an adjustment: its values, and what becomes of them at once on the canvas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from scumble.api import ParamValue, ScumbleError, Tool
from scumble.generation.adjust import Ground, histogram
from scumble.ui.adjust.run import AdjustRun
from scumble.ui.background import Background
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.generate.form import ParamForm
from scumble.ui.generate.histogram import Counts
from scumble.ui.generate.message import InlineMessage
from scumble.ui.icons import Icons
from scumble.ui.messages import error_text
from scumble.ui.theme import Theme

WIDTH, EDGE = 348, 16
"""Its width, and the room at its sides, in device-independent pixels."""

UNSEEN_MS: Final = 400
"""How long an adjustment that needs no values may take before the panel shows how far it is."""


class AdjustPanel(QDialog):
    """Stays open beside the canvas, which can be panned, zoomed and painted on meanwhile. Enter applies, Escape
    cancels, here and on the canvas.

    `closed` says that it is gone, and whether a step was made. `refused` carries the `ScumbleError` of an adjustment
    that was to be applied unseen.
    """

    closed = Signal(bool)
    refused = Signal(object)

    def __init__(
        self,
        run: AdjustRun,
        tool: Tool,
        canvas: Canvas,
        background: Background,
        theme: Theme,
        icons: Icons,
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("adjust")
        self.setWindowTitle(self.tr("Adjust: {title}").format(title=tool.title))
        self.tool = tool
        self.run = run
        run.setParent(self)
        self._canvas, self._background = canvas, background
        self._over = False
        self.form = ParamForm(tool, theme, icons)
        self.message = InlineMessage(icons)
        self.preview = QCheckBox(self.tr("&Preview"))
        self.preview.setChecked(True)
        self.preview.setToolTip(self.tr("Shows on the canvas what the values do"))
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Progress of the adjustment"))
        self.progress.hide()
        self.reset = QPushButton(self.tr("&Reset"))
        self.reset.setToolTip(self.tr("Puts every value back to where it changes nothing, or to its default"))
        self.cancel = QPushButton(self.tr("Cancel"))
        self.accept_button = QPushButton(self.tr("Apply"))
        self.accept_button.setDefault(True)
        self.accept_button.setProperty("primary", True)
        self._unseen = QTimer(self, singleShot=True, interval=UNSEEN_MS)
        self._unseen.timeout.connect(self.show)
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, 14, EDGE, 14)
        column.setSpacing(12)
        if self.tool.summary:
            summary = QLabel(self.tool.summary)
            summary.setObjectName("muted")
            summary.setWordWrap(True)
            summary.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(summary)
        column.addWidget(self.message)
        column.addWidget(self.form)
        column.addStretch(1)
        column.addWidget(self.progress)
        first = QHBoxLayout()
        first.addWidget(self.preview)
        first.addStretch(1)
        first.addWidget(self.reset)
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addStretch(1)
        second.addWidget(self.cancel)
        second.addWidget(self.accept_button)
        column.addLayout(first)
        column.addLayout(second)
        for button in (self.reset, self.cancel):
            button.setAutoDefault(False)
        self.form.setMinimumWidth(WIDTH - 2 * EDGE)
        # as large as what is unfolded needs, and no larger when it is folded again
        column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)

    def _wire(self) -> None:
        self.form.changed.connect(self._on_changed)
        self.preview.toggled.connect(self._on_changed)
        self.reset.clicked.connect(self.form.reset)
        self.cancel.clicked.connect(self.reject)
        self.accept_button.clicked.connect(self.apply)
        run = self.run
        run.progressed.connect(lambda part: self.progress.setValue(round(part * 1000)))
        run.ended.connect(self._on_ended)
        run.failed.connect(self._on_failed)
        run.blocked.connect(self._on_blocked)
        run.moved.connect(self._on_moved)
        self._canvas.installEventFilter(self)

    def begin(self, values: Mapping[str, ParamValue]) -> None:
        """Shows the panel, and the picture with these values."""
        self.form.set_values(values)
        self._place()
        self.show()
        self._on_changed()

    def begin_unseen(self, values: Mapping[str, ParamValue]) -> None:
        """Applies these values at once; the panel is seen only if that takes a while."""
        self.form.set_values(values)
        self._place()
        self._unseen.start()
        self.apply()

    def values(self) -> dict[str, ParamValue]:
        """What the form says."""
        return self.form.values()

    def apply(self) -> None:
        """Makes the step, as soon as all of it is computed."""
        if self.run.applying or self.run.over:
            return
        self._lock(True)
        self._attempt(lambda: self.run.apply(self.values()))

    def reject(self) -> None:
        """Leaves the picture as it was."""
        self.run.cancel()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing is cancelling."""
        self.run.cancel()
        super().closeEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """On the canvas, Enter applies and Escape cancels, unless a stroke is to be given up."""
        if watched is self._canvas and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if plain and not self._canvas.gestures.active and not self.run.over:
                if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                    self.apply()
                    return True
                if event.key() == Qt.Key.Key_Escape:
                    self.reject()
                    return True
        return super().eventFilter(watched, event)

    def _on_changed(self) -> None:
        self.message.hide()
        if self.run.applying or self.run.over:
            return
        if self.preview.isChecked():
            self._attempt(lambda: self.run.show(self.values()))
        else:
            self.run.hide()

    def _attempt(self, act: Callable[[], None]) -> None:
        try:
            act()
        except ScumbleError as error:
            self._on_failed(error)

    def _lock(self, locked: bool) -> None:
        for widget in (self.form, self.preview, self.reset, self.accept_button):
            widget.setEnabled(not locked)
        self.progress.setValue(0)
        self.progress.setVisible(locked)

    def _on_failed(self, error: ScumbleError) -> None:
        if not self.isVisible():
            self.run.cancel()
            self.refused.emit(error)
            return
        self._lock(False)
        self.message.say(error_text(error.code, error.params), error.details)

    def _on_blocked(self, error: ScumbleError | None) -> None:
        self.accept_button.setEnabled(error is None and not self.run.applying)
        if error is not None:
            self.message.say(error_text(error.code, error.params))
        elif not self.message.isHidden():
            self.message.hide()

    def _on_moved(self, ground: Ground) -> None:
        """Other pixels are adjusted: counts them for the histogram."""
        if self.form.wants_counts:
            self._background.run(lambda: histogram(ground), self._show_counts, lambda _error: None)

    def _show_counts(self, counts: Counts) -> None:
        if not self._over:
            self.form.show_counts(counts)

    def _on_ended(self, made: bool) -> None:
        if self._over:
            return
        self._over = True
        self._unseen.stop()
        self._canvas.removeEventFilter(self)
        self.closed.emit(made)
        self.close()
        if not self.isVisible():  # one that was never shown is not deleted by being closed
            self.deleteLater()

    def _place(self) -> None:
        """At the upper right of the canvas, where it hides least of the picture."""
        self.adjustSize()
        corner = self._canvas.mapToGlobal(self._canvas.rect().topRight())
        self.move(corner.x() - self.width() - 24, corner.y() + 40)
