"""The small window that asks by how many pixels the selection is to change, and shows it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QFormLayout, QProgressBar

from scumble.paint.selecting import Change
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.selecting.preview import SelectionPreview
from scumble.ui.session import DocumentSession
from scumble.ui.widgets import SliderField
from scumble.ui.window import MainWindow


@dataclass(frozen=True, slots=True)
class Face:
    """What a person sees of a change: its `kind`, title, what the number means, and the number to begin with.

    `edges` says whether the edge of the canvas matters to it.
    """

    kind: str
    title: str
    amount: str
    start: float
    most: float = 500.0
    edges: bool = True


FACES: Final = (
    Face(
        "grow",
        QT_TRANSLATE_NOOP("selection", "Grow selection"),
        QT_TRANSLATE_NOOP("selection", "Grow by"),
        4,
        edges=False,
    ),
    Face("shrink", QT_TRANSLATE_NOOP("selection", "Shrink selection"), QT_TRANSLATE_NOOP("selection", "Shrink by"), 4),
    Face("feather", QT_TRANSLATE_NOOP("selection", "Feather selection"), QT_TRANSLATE_NOOP("selection", "Radius"), 8),
    Face("border", QT_TRANSLATE_NOOP("selection", "Border of selection"), QT_TRANSLATE_NOOP("selection", "Width"), 8),
    Face("smooth", QT_TRANSLATE_NOOP("selection", "Smooth selection"), QT_TRANSLATE_NOOP("selection", "Radius"), 8),
)
"""The changes that ask for a number, in the order of the menu."""


def text(words: str) -> str:
    """A text about selections in the person's language."""
    return QCoreApplication.translate("selection", words)


class AmountDialog(QDialog):
    """Beside the canvas, which stays in sight and can be panned. The number is remembered for the next time."""

    def __init__(self, window: MainWindow, session: DocumentSession, face: Face) -> None:
        super().__init__(window)
        self._window = window
        self._face = face
        self._memory = f"select.{face.kind}"
        self.setWindowTitle(text(face.title))
        self.setObjectName("amount")
        self.preview = SelectionPreview(session, window.background, text(face.title), self)
        self.amount = SliderField(text(face.amount), 1, face.most, unit="px", curve=3.0)
        self.amount.slider.setMinimumWidth(180)
        self.edges = QCheckBox(text(QT_TRANSLATE_NOOP("selection", "Also at the edge of the canvas")))
        self.edges.setToolTip(
            text(
                QT_TRANSLATE_NOOP(
                    "selection", "Without this, what is selected up to the edge of the canvas goes on beyond it."
                )
            )
        )
        self.edges.setVisible(face.edges)
        self.working = QProgressBar()
        self.working.setRange(0, 0)
        self.working.setTextVisible(False)
        self.working.setAccessibleName(text(QT_TRANSLATE_NOOP("selection", "Computing")))
        policy = self.working.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.working.setSizePolicy(policy)
        self.working.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setProperty("primary", True)
        self.buttons.accepted.connect(self.preview.keep)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.setContentsMargins(24, 20, 24, 16)
        form.setSpacing(12)
        form.addRow(text(face.amount), self.amount)
        if face.edges:
            form.addRow("", self.edges)
        form.addRow(self.working)
        form.addRow(self.buttons)
        self.amount.show_value(window.memory.number(self._memory, face.start))
        self.amount.changed.connect(self._show)
        self.edges.toggled.connect(self._show)
        self.preview.busy_changed.connect(self.working.setVisible)
        self.preview.ended.connect(self.accept)
        self.preview.failed.connect(window.show_error)
        self.finished.connect(self._finish)
        self._show()

    def _show(self) -> None:
        self.preview.want(Change(self._face.kind, self.amount.value, self._face.edges and self.edges.isChecked()))

    def open_beside(self) -> None:
        """Opens it in the upper part of the canvas, with the number chosen."""
        canvas = self._window.canvas
        self.adjustSize()
        if canvas is not None:
            corner = canvas.mapToGlobal(QPoint(canvas.width() - self.width() - 24, 24))
            self.move(corner)
        self.show()
        self.amount.field.setFocus()
        self.amount.field.selectAll()

    def reject(self) -> None:
        """Leaves the selection as it was."""
        self.preview.ended.disconnect(self.accept)
        self.preview.give_up()
        super().reject()

    def _finish(self, code: int) -> None:
        if code == QDialog.DialogCode.Accepted:
            self._window.memory.keep_number(self._memory, self.amount.value)
        self.deleteLater()
