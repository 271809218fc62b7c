"""The strip of candidates: thumbnails to look at, apply or let go."""

from __future__ import annotations

from typing import Final

import cv2
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QToolButton, QVBoxLayout, QWidget

from scumble.generation import layer_name
from scumble.ui.generate.candidates import Candidates, Result
from scumble.ui.generate.inputs import image_of
from scumble.ui.icons import Icons

SIDE: Final = 88
"""The side of a thumbnail, in device-independent pixels."""


class CandidateStrip(QWidget):
    """Pointing at a thumbnail shows it in place; arrows walk, Enter applies, Delete discards, Esc hides."""

    def __init__(self, candidates: Candidates, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._candidates = candidates
        self._icons = icons
        self._known: dict[Result, QListWidgetItem] = {}
        self.list = _List()
        self.list.setAccessibleName(self.tr("Candidates"))
        self.empty = QLabel(self.tr("What you generate appears here. Nothing touches the picture until you apply it."))
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setObjectName("muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.empty, 1)
        layout.addLayout(self._buttons())
        self.setMinimumHeight(SIDE + 46)
        self.list.itemEntered.connect(self._point)
        self.list.itemClicked.connect(self._point)
        self.list.itemDoubleClicked.connect(lambda item: self._candidates.apply(_result(item)))
        self.list.installEventFilter(self)
        candidates.changed.connect(self._fill)
        candidates.shown_changed.connect(self._mark)
        self._fill()

    def apply_shown(self) -> None:
        """Applies the one that is shown; with Alt held, one that is for a layer becomes a layer of its own."""
        if (shown := self._candidates.shown) is not None:
            held = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.AltModifier
            self._candidates.apply(shown, anew=bool(held))

    def discard_shown(self) -> None:
        """Lets the one that is shown go."""
        if (shown := self._candidates.shown) is not None:
            self._candidates.discard(shown)

    def key(self, key: int) -> bool:
        """Does what a key means while candidates are looked at; False when it means nothing."""
        shown = self._candidates.shown is not None
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._candidates.walk(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and shown:
            self.apply_shown()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and shown:
            self.discard_shown()
        elif key == Qt.Key.Key_Escape and shown:
            self._candidates.show(None)
        else:
            return False
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self.key(event.key())
        return super().eventFilter(watched, event)

    def _buttons(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        self.apply_button = self._button(
            "apply", self.tr("Apply"), self.tr("Make it a layer  (Enter, or Ctrl+Shift+Return anywhere)")
        )
        self.discard_button = self._button("delete", self.tr("Discard"), self.tr("Let it go  (Delete)"))
        self.clear_button = self._button("close", self.tr("Clear"), self.tr("Let all of them go"))
        self.apply_button.clicked.connect(self.apply_shown)
        self.discard_button.clicked.connect(self.discard_shown)
        self.clear_button.clicked.connect(self._candidates.discard_all)
        for button in (self.apply_button, self.discard_button, self.clear_button):
            column.addWidget(button)
        column.addStretch(1)
        return column

    def _button(self, icon: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(self._icons.icon(icon))
        button.setText(text)
        button.setToolTip(tip)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setSizePolicy(button.sizePolicy().Policy.Minimum, button.sizePolicy().verticalPolicy())
        button.setMinimumWidth(84)
        return button

    def _fill(self) -> None:
        offered = self._candidates.offered
        for result in [known for known in self._known if known not in offered]:
            self.list.takeItem(self.list.row(self._known.pop(result)))
        for place, result in enumerate(offered):
            if result not in self._known:
                self._known[result] = self._item(result)
                self.list.insertItem(place, self._known[result])
            self._label(result, self._known[result])
        self.list.setVisible(bool(offered))
        self.empty.setVisible(not offered)
        self._mark()

    def _item(self, result: Result) -> QListWidgetItem:
        item = QListWidgetItem()
        item.setData(Qt.ItemDataRole.UserRole, result)
        image = result.candidate.image
        side = round(SIDE * self.devicePixelRatioF())
        shrink = max(image.shape[:2]) / side
        size = (max(round(image.shape[1] / shrink), 1), max(round(image.shape[0] / shrink), 1))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrink > 1 else cv2.INTER_CUBIC)
        pixmap = QPixmap.fromImage(image_of(small))
        icon = QIcon(pixmap)
        # Without one of its own, Qt tints the picture of the chosen item.
        icon.addPixmap(pixmap, QIcon.Mode.Selected)
        item.setIcon(icon)
        item.setSizeHint(QSize(SIDE + 12, SIDE + 30))
        return item

    def _label(self, result: Result, item: QListWidgetItem) -> None:
        text = str(result.candidate.seed)
        tip = self.tr("{name}\nSeed {seed}").format(name=layer_name(result.prepared), seed=result.candidate.seed)
        if result.prepared.anchor.instead is not None:
            tip += "\n" + self.tr("Enter gives its layer these pixels, Alt+Enter makes a new layer.")
        if result.session is None:
            text = self.tr("new picture")
            tip += "\n" + self.tr("Its picture was closed; applying it opens a new one.")
        elif not result.in_place:
            text = self.tr("new picture")
            tip += "\n" + self.tr("Applying it opens it as a new picture.")
        item.setText(text)
        item.setToolTip(tip)

    def _mark(self) -> None:
        shown = self._candidates.shown
        item = self._known.get(shown) if shown is not None else None
        if item is None:
            self.list.setCurrentRow(-1)
            self.list.clearSelection()
        else:
            self.list.setCurrentItem(item)
            self.list.scrollToItem(item)
        self.apply_button.setEnabled(item is not None)
        self.discard_button.setEnabled(item is not None)
        self.clear_button.setEnabled(self.list.count() > 0)

    def _point(self, item: QListWidgetItem) -> None:
        self._candidates.show(_result(item))


class _List(QListWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setFlow(QListWidget.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListWidget.Movement.Static)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setSpacing(2)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)


def _result(item: QListWidgetItem) -> Result:
    result = item.data(Qt.ItemDataRole.UserRole)
    assert isinstance(result, Result)
    return result
