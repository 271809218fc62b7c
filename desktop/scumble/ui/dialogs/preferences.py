"""The settings dialog, made from the table of settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from scumble.settings import SETTINGS, Setting, Settings, Value
from scumble.ui.colourbutton import ColourButton
from scumble.ui.widgets import indent, scrolled

WIDTH = 540

MOST = 0.85
"""The height of the dialog is no more than this part of the screen's; the rest is scrolled to."""

LABELS = 220
"""One width for the names of all sections, so that the fields stand in a column."""


def _text(text: str) -> str:
    return QCoreApplication.translate("settings", text)


class PreferencesDialog(QDialog):
    """Every change is in force, and on disk, at once."""

    def __init__(
        self,
        settings: Settings,
        parent: QWidget,
        remarks: Mapping[str, Callable[[], QWidget]] = MappingProxyType({}),
    ) -> None:
        """`remarks` make what is shown below the title of a section, such as how things are now."""
        super().__init__(parent)
        self._settings = settings
        self.fields: dict[str, QWidget] = {}
        self.setWindowTitle(self.tr("Settings"))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(16)
        for section in dict.fromkeys(setting.section for setting in SETTINGS if setting.section):
            box = QGroupBox(_text(section))
            form = QFormLayout(box)
            form.setSpacing(8)
            form.setContentsMargins(0, 8, 0, 0)
            if section in remarks:
                form.addRow(remarks[section]())
            for setting in SETTINGS:
                if setting.section == section:
                    self._add(form, setting)
            column.addWidget(box)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        scroll = scrolled(inside)
        foot = QVBoxLayout()
        foot.setContentsMargins(24, 8, 24, 16)
        foot.addWidget(buttons)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scroll, 1)
        whole.addLayout(foot)
        self.setMinimumWidth(WIDTH)
        wanted = inside.sizeHint().height() + foot.sizeHint().height()
        self.resize(WIDTH, min(wanted, round(self.screen().availableGeometry().height() * MOST)))

    def _add(self, form: QFormLayout, setting: Setting) -> None:
        field = self._field(setting)
        about = _text(setting.help)
        if setting.restart:
            about += " " + self.tr("Takes effect at the next start.")
        field.setToolTip(about)
        field.setAccessibleName(_text(setting.title))
        field.setAccessibleDescription(about)
        self.fields[setting.id] = field
        if isinstance(field, QCheckBox):
            space = QLabel()
            space.setMinimumWidth(LABELS)
            form.addRow(space, field)
        else:
            label = QLabel(_text(setting.title))
            label.setMinimumWidth(LABELS)
            label.setBuddy(field)
            form.addRow(label, field)

    def _field(self, setting: Setting) -> QWidget:
        value = self._settings.get(setting.id)
        keep = partial(self._keep, setting.id)
        if isinstance(setting.default, bool):
            box = QCheckBox(_text(setting.title))
            box.setChecked(bool(value))
            box.toggled.connect(keep)
            return box
        if isinstance(setting.default, int):
            whole = QSpinBox()
            indent(whole)
            whole.setRange(round(setting.minimum or 0), round(setting.maximum or 99999))
            whole.setSuffix(f" {setting.unit}" if setting.unit else "")
            whole.setValue(int(value))
            whole.valueChanged.connect(keep)
            return whole
        if isinstance(setting.default, float):
            number = QDoubleSpinBox()
            indent(number)
            number.setRange(setting.minimum or 0.0, setting.maximum or 99999.0)
            number.setSingleStep(0.05)
            number.setValue(float(value))
            number.valueChanged.connect(keep)
            return number
        if setting.is_colour:
            colour = ColourButton(str(value), _text(setting.title))
            colour.chosen.connect(keep)
            return colour
        if setting.choices:
            choice = QComboBox()
            for name, title in setting.choices:
                choice.addItem(_text(title), name)
            choice.setCurrentIndex([name for name, _ in setting.choices].index(str(value)))
            choice.activated.connect(lambda: keep(choice.currentData()))
            return choice
        line = QLineEdit(str(value))
        line.setPlaceholderText(_text(setting.empty))
        line.editingFinished.connect(lambda: keep(line.text().strip()))
        return line

    def _keep(self, setting_id: str, value: Value) -> None:
        self._settings.set(setting_id, value)
