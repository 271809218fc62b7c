"""What is being made and what waits: a row for each job."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from scumble.ui.generate.inputs import image_of
from scumble.ui.generate.jobs import Job, JobBoard, Stage
from scumble.ui.generate.texts import duration
from scumble.ui.icons import Icons
from scumble.ui.widgets import tool_button

SIDE: Final = 48
"""The side of the preview, in device-independent pixels."""


class JobList(QWidget):
    """Follows a board; hidden while there is no job."""

    def __init__(self, board: JobBoard, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self._icons = icons
        self.rows: dict[str, JobRow] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        board.changed.connect(self._fill)
        board.progressed.connect(self._progress)
        self._fill()

    def _fill(self) -> None:
        jobs = {job.id: job for job in self._board.jobs}
        for name in [name for name in self.rows if name not in jobs]:
            row = self.rows.pop(name)
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        for name, job in jobs.items():
            if name not in self.rows:
                row = JobRow(job, self._icons)
                row.cancel.clicked.connect(lambda _checked=False, ended=job: self._board.cancel(ended))
                row.hold.clicked.connect(lambda paused, held=job: self._board.pause(held, paused))
                row.first.clicked.connect(lambda _checked=False, chosen=job: self._board.advance(chosen))
                self.rows[name] = row
            self._layout.removeWidget(self.rows[name])
            self._layout.addWidget(self.rows[name])
            self.rows[name].refresh()
        self.setVisible(bool(jobs))

    def _progress(self, job: Job) -> None:
        if job.id in self.rows:
            self.rows[job.id].refresh()


class JobRow(QWidget):
    """Preview, name, bar, step and seconds left, and buttons: hold it, or do it first, and cancel it."""

    def __init__(self, job: Job, icons: Icons) -> None:
        super().__init__()
        self._job = job
        self._drawn: object = None
        self.preview = QLabel()
        self.preview.setFixedSize(SIDE, SIDE)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.name = Elided(job.title)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName(self.tr("Progress of {title}").format(title=job.title))
        self.state = QLabel()
        self.state.setObjectName("muted")
        self.hold = tool_button(icons.icon("pause"), self.tr("Pause"), checkable=True)
        self.first = tool_button(icons.icon("up"), self.tr("Do this one first"))
        self.cancel = tool_button(icons.icon("close"), self.tr("Cancel"))
        words = QVBoxLayout()
        words.setSpacing(3)
        for widget in (self.name, self.bar, self.state):
            words.addWidget(widget)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.preview)
        layout.addLayout(words, 1)
        for button in (self.hold, self.first, self.cancel):
            layout.addWidget(button)

    def refresh(self) -> None:
        """Shows how far it is."""
        job = self._job
        running = job.stage is Stage.RUNNING
        begun = running or job.steps > 0
        self.preview.setVisible(begun and job.preview is not None)
        self.bar.setVisible(begun)
        self.hold.setVisible(running)
        self.hold.setChecked(job.paused)
        self.hold.setToolTip(self.tr("Go on") if job.paused else self.tr("Pause"))
        self.first.setVisible(job.stage is Stage.WAITING and job.before > 0)
        self.name.say(job.title)
        self.bar.setRange(0, job.steps)
        self.bar.setValue(job.step)
        if job.stage is Stage.PREPARING and job.after is None:
            self.state.setText(self.tr("preparing…"))
        elif not begun:
            self.state.setText(self.tr("waiting"))
        elif not running:
            self.state.setText(self.tr("put aside at step {step} of {steps}").format(step=job.step, steps=job.steps))
        elif job.paused:
            self.state.setText(self.tr("paused at step {step} of {steps}").format(step=job.step, steps=job.steps))
        elif not job.steps:
            self.state.setText(self.tr("starting…"))
        else:
            text = self.tr("Step {step} of {steps}").format(step=job.step, steps=job.steps)
            self.state.setText(f"{text} · {duration(job.seconds_left)}" if job.seconds_left >= 0 else text)
        if job.preview is not None and job.preview is not self._drawn:
            self._drawn = job.preview
            ratio = self.devicePixelRatioF()
            side = round(SIDE * ratio)
            drawn = QPixmap.fromImage(image_of(job.preview)).scaled(
                side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            drawn.setDevicePixelRatio(ratio)
            self.preview.setPixmap(drawn)


class Elided(QLabel):
    """One line that ends in … where there is no room."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(self.sizePolicy().Policy.Ignored, self.sizePolicy().verticalPolicy())
        self.setToolTip(text)

    def say(self, text: str) -> None:
        """Shows another text, and all of it as the tip."""
        if text != self.text():
            self.setText(text)
            self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws as much as there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(self.alignment()), shown)
        painter.end()
