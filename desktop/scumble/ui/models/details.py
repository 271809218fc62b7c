"""What the manager shows of one file, and what a person says about it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from scumble.api import ScumbleError
from scumble.protocol import ModelEntry
from scumble.ui.icons import Icons
from scumble.ui.models.shelf import Shelf
from scumble.ui.models.thumbnails import Thumbnails
from scumble.ui.models.words import fault_text, kind_text, room_text, size_text
from scumble.ui.widgets import tool_button

PICTURE: Final = 148
"""Side of the picture, in device-independent pixels."""

NOTE: Final = 64
"""Height of the field for notes."""


class Details(QWidget):
    """`used` asks for what a double click does; `refused` carries an error; `convert` and `show_folder` ask for just
    that of an entry."""

    used = Signal(object)
    convert = Signal(object)
    show_folder = Signal(object)
    refused = Signal(object)

    def __init__(self, shelf: Shelf, thumbnails: Thumbnails, icons: Icons) -> None:
        super().__init__()
        self._shelf, self._thumbnails, self._icons = shelf, thumbnails, icons
        self._entry: ModelEntry | None = None
        self.picture = QLabel()
        self.title, self.facts, self.room, self.fault, self.place = (_label() for _ in range(5))
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.2)
        font.setBold(True)
        self.title.setFont(font)
        for label in (self.facts, self.place):
            label.setObjectName("muted")
        self.fault.setObjectName("fault")
        self._make_fields()
        self._lay_out()
        self.show_entry(None)

    def show_entry(self, entry: ModelEntry | None) -> None:
        """Shows a file; nothing without one."""
        self._entry = entry
        self.setEnabled(entry is not None)
        for child in (self.star, self._form, self._buttons):
            child.setVisible(entry is not None)
        if entry is None:
            for label in (self.title, self.facts, self.room, self.fault, self.place):
                label.clear()
                label.hide()
            self.picture.hide()
            return
        self._show_facts(entry)
        self._show_note(entry)
        self.use.setText(self._use_text(entry))
        self.use.setVisible(not entry.fault and bool(self.use.text()))
        pickled = entry.kind == "pickle"
        self.convert_button.setVisible(pickled and not self._shelf.is_converted(entry))

    def refresh(self) -> None:
        """A picture or a fact may have come."""
        if self._entry is not None:
            current = next((entry for entry in self._shelf.entries if entry.path == self._entry.path), None)
            self.show_entry(current)

    def save(self) -> None:
        """Keeps what is being written."""
        said = {}
        if self.text.document().isModified():
            said["text"] = self.text.toPlainText().strip()
            self.text.document().setModified(False)
        if self.words.isModified():
            said["words"] = self._own_words()
            self.words.setModified(False)
        if said:
            self._say(**said)

    def _show_facts(self, entry: ModelEntry) -> None:
        self.title.setText(entry.title or entry.name)
        self.facts.setText(f"{kind_text(entry)} · {size_text(entry.stamp[1])}")
        converted = entry.kind == "pickle" and self._shelf.is_converted(entry)
        self.fault.setObjectName("muted" if entry.kind == "pickle" else "fault")
        self.fault.style().polish(self.fault)
        self.fault.setText(self.tr("It was converted; use the safetensors file.") if converted else fault_text(entry))
        self.room.setText(room_text(self._shelf.room(entry)) if entry.info is not None else "")
        digest = self.tr("SHA-256 {digest}…").format(digest=entry.sha256[:12]) if entry.sha256 else ""
        self.place.setText("\n".join(filter(None, (entry.path, digest))))
        for label in (self.title, self.facts, self.room, self.fault, self.place):
            label.setVisible(bool(label.text()))
        picture = self._thumbnails.get(entry)
        self.picture.setVisible(picture is not None)
        if picture is not None:
            ratio = self.devicePixelRatioF()
            scaled = picture.scaled(
                round(PICTURE * ratio),
                round(PICTURE * ratio),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            scaled.setDevicePixelRatio(ratio)
            self.picture.setFixedSize(scaled.deviceIndependentSize().toSize())
            self.picture.setPixmap(scaled)

    def _show_note(self, entry: ModelEntry) -> None:
        note = self._shelf.note(entry)
        with QSignalBlocker(self.star):
            self.star.setChecked(note.favourite)
        self.star.setIcon(self._icons.icon("star-filled" if note.favourite else "star"))
        wordy = entry.kind in ("lora", "embedding")
        self._rows.setRowVisible(self.words, wordy)
        if not self.words.isModified():
            self.words.setText(self._shelf.words(entry))
        if not self.text.document().isModified():
            self.text.setPlainText(note.text)
        self._rows.setRowVisible(self.vae, entry.info is not None)
        with QSignalBlocker(self.vae):
            self.vae.clear()
            self.vae.addItem(self.tr("The model's own"), "")
            for other in self._shelf.of_kind("vae"):
                self.vae.addItem(other.title or other.name, other.name)
            if note.vae and self.vae.findData(note.vae) < 0:
                self.vae.addItem(self.tr("{name} (missing)").format(name=note.vae), note.vae)
            self.vae.setCurrentIndex(max(self.vae.findData(note.vae), 0))

    def _use_text(self, entry: ModelEntry) -> str:
        if entry.info is not None:
            return self.tr("Use this model")
        return self.tr("Insert into the prompt") if entry.kind in ("lora", "embedding") else ""

    def _make_fields(self) -> None:
        self.star = tool_button(self._icons.icon("star"), self.tr("Favourite"), checkable=True)
        self.star.clicked.connect(lambda on: self._say(favourite=on))
        self.words = QLineEdit()
        self.words.setAccessibleName(self.tr("Trigger words"))
        self.words.setPlaceholderText(self.tr("None in the file; write your own"))
        self.words.editingFinished.connect(self.save)
        self.vae = QComboBox()
        self.vae.setAccessibleName(self.tr("VAE"))
        self.vae.activated.connect(lambda: self._say(vae=str(self.vae.currentData())))
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(NOTE)
        self.text.setAccessibleName(self.tr("Notes"))
        self.text.setPlaceholderText(self.tr("What it is good for"))
        self.use = QPushButton()
        self.use.setProperty("primary", True)
        self.use.clicked.connect(lambda: self.used.emit(self._entry))
        self.convert_button = QPushButton(self.tr("Convert to safetensors"))
        self.convert_button.clicked.connect(lambda: self.convert.emit(self._entry))
        self.folder_button = QPushButton(self.tr("Show in folder"))
        self.folder_button.clicked.connect(lambda: self.show_folder.emit(self._entry))
        for button in (self.use, self.convert_button, self.folder_button):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.star, 0, Qt.AlignmentFlag.AlignTop)
        self._form = QWidget()
        self._rows = QFormLayout(self._form)
        self._rows.setContentsMargins(0, 4, 0, 4)
        self._rows.setSpacing(8)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._rows.addRow(self.tr("Trigger words"), self.words)
        self._rows.addRow(self.tr("VAE"), self.vae)
        self._rows.addRow(self.tr("Notes"), self.text)
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self.use, self.convert_button, self.folder_button):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 4, 8)
        column.setSpacing(8)
        column.addLayout(head)
        for widget in (self.facts, self.picture, self.room, self.fault, self._form, self._buttons, self.place):
            column.addWidget(widget)
        column.addStretch(1)

    def _own_words(self) -> str:
        """What was written, unless it is what the file says."""
        written = self.words.text().strip()
        return "" if self._entry is None or written == ", ".join(self._entry.words) else written

    def _say(self, **said: bool | str) -> None:
        if self._entry is None:
            return
        try:
            self._shelf.say(self._entry, **said)
        except ScumbleError as error:
            self.refused.emit(error)


def _label() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
