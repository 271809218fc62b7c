"""Why a command cannot be chosen, where that can be said in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QCoreApplication

from scumble.ui.commands import Command
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.session import DocumentSession

PICTURE: Final = QT_TRANSLATE_NOOP("palette", "Needs an open picture")

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "with_document": PICTURE,
        "can_undo": QT_TRANSLATE_NOOP("palette", "There is no step to take back"),
        "can_redo": QT_TRANSLATE_NOOP("palette", "There is no step that was taken back"),
        "with_pixels": QT_TRANSLATE_NOOP("palette", "Needs an active layer with pixels"),
        "with_selection": QT_TRANSLATE_NOOP("palette", "Nothing is selected"),
        "with_layer": QT_TRANSLATE_NOOP("palette", "Needs an active layer"),
        "with_mask": QT_TRANSLATE_NOOP("palette", "The active layer has no mask"),
        "with_paint_layer": QT_TRANSLATE_NOOP("palette", "Needs an active layer with pixels"),
        "with_group": QT_TRANSLATE_NOOP("palette", "The active layer is no group"),
        "can_clip": QT_TRANSLATE_NOOP("palette", "There is no layer below in the same group"),
        "can_rise": QT_TRANSLATE_NOOP("palette", "The active layer is the topmost"),
        "can_sink": QT_TRANSLATE_NOOP("palette", "The active layer is the lowest"),
        "can_merge": QT_TRANSLATE_NOOP("palette", "There is no visible, unlocked layer below"),
        "can_flatten": QT_TRANSLATE_NOOP("palette", "There is one layer already"),
        "with_chosen_group": QT_TRANSLATE_NOOP("palette", "No group is chosen"),
        "with_applicable_mask": QT_TRANSLATE_NOOP("palette", "Needs a layer with pixels and a mask"),
        "with_selected_pixels": QT_TRANSLATE_NOOP("palette", "Needs a selection and a layer with pixels"),
        "with_visible": QT_TRANSLATE_NOOP("palette", "Needs two visible layers"),
    }
)
"""By the name of the condition that does not hold."""


def reason(command: Command, session: DocumentSession | None) -> str:
    """Why a command that is disabled is; empty where that is not known."""
    known = REASONS.get(getattr(command.enabled, "__name__", ""), "")
    text = PICTURE if session is None and known else known
    return QCoreApplication.translate("palette", text) if text else ""
