"""Picking what a fill is to do; and saying what `auto` stands for, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QWidget

from scumble.api import Param, ParamValue, Tool
from scumble.generation import modes
from scumble.ui.generate.fields import EnumField, Field
from scumble.ui.icons import Icons
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.session import DocumentSession

FACES: Final[dict[str, tuple[str, str]]] = {
    "auto": ("generate", QT_TRANSLATE_NOOP("generate", "Chooses by the selection and the strength")),
    "fill": ("mode-fill", QT_TRANSLATE_NOOP("generate", "Fills the selection with something that fits")),
    "expand": ("mode-expand", QT_TRANSLATE_NOOP("generate", "Goes on with the picture beyond its edge")),
    "add": ("mode-add", QT_TRANSLATE_NOOP("generate", "Adds what the prompt says, on neutral ground")),
    "remove": ("mode-remove", QT_TRANSLATE_NOOP("generate", "Takes away what is selected")),
    "replace": ("mode-replace", QT_TRANSLATE_NOOP("generate", "Keeps what is selected, and replaces all behind it")),
    "refine": ("mode-refine", QT_TRANSLATE_NOOP("generate", "Redraws what is there, and keeps most of it")),
    "vary": ("mode-vary", QT_TRANSLATE_NOOP("generate", "Redraws what is there, each time otherwise")),
}
"""Icon and tip of each mode."""


class AutoField(EnumField):
    """Choices of which `auto` says also what it stands for at the moment."""

    def show_auto(self, choice: str) -> None:
        """Says that `auto` stands for a choice; for none when it is empty, or not among them."""
        place, param = self.combo.findData(modes.AUTO), self.param
        labels = dict(zip(param.choices, param.labels or param.choices, strict=True))
        meant = labels.get(choice, "") if choice != modes.AUTO else ""
        if place >= 0:
            text = self.tr("{automatic}: {choice}").format(automatic=labels[modes.AUTO], choice=_lowered(meant))
            self.combo.setItemText(place, text if meant else labels[modes.AUTO])


class ModeField(AutoField):
    """The modes with their icons. `picked` carries the one that a person has picked; a value that is set is not."""

    picked = Signal(str)

    def __init__(self, param: Param, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        for place, choice in enumerate(param.choices):
            icon, tip = FACES[choice]
            self.combo.setItemIcon(place, icons.icon(icon))
            self.combo.setItemData(place, QCoreApplication.translate("generate", tip), Qt.ItemDataRole.ToolTipRole)
        self.combo.setMaxVisibleItems(len(param.choices))
        self.combo.activated.connect(lambda _place: self.picked.emit(str(self.value())))


def show_automatic(tool: Tool, fields: Mapping[str, Field], session: DocumentSession | None) -> dict[str, ParamValue]:
    """Says in the fields that are on `auto` what stands for it, with what is selected now; returns the values that are
    meant."""
    values = {name: field.value() for name, field in fields.items()}
    found = modes.settled(tool, values, session.document if session is not None else None)
    for name, field in fields.items():
        if isinstance(field, AutoField):
            field.show_auto(str(found[name]) if field.value() == modes.AUTO else "")
    return found


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
