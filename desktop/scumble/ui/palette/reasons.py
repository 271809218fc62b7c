"""Why a command cannot be chosen, where that can be said in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QCoreApplication

from scumble.ui.actions import edit, layer, layer_more, selection
from scumble.ui.commands import Command, Condition, with_document
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.session import DocumentSession

PICTURE: Final = QT_TRANSLATE_NOOP("palette", "Needs an open picture")

REASONS: Final[Mapping[Condition, str]] = MappingProxyType(
    {
        with_document: PICTURE,
        edit.can_undo: QT_TRANSLATE_NOOP("palette", "There is no step to take back"),
        edit.can_redo: QT_TRANSLATE_NOOP("palette", "There is no step that was taken back"),
        edit.with_pixels: QT_TRANSLATE_NOOP("palette", "Needs an active layer with pixels"),
        selection.with_selection: QT_TRANSLATE_NOOP("palette", "Nothing is selected"),
        layer.with_layer: QT_TRANSLATE_NOOP("palette", "Needs an active layer"),
        layer.with_mask: QT_TRANSLATE_NOOP("palette", "The active layer has no mask"),
        layer.with_paint_layer: QT_TRANSLATE_NOOP("palette", "Needs an active layer with pixels"),
        layer.with_group: QT_TRANSLATE_NOOP("palette", "The active layer is no group"),
        layer.can_clip: QT_TRANSLATE_NOOP("palette", "There is no layer below in the same group"),
        layer.can_rise: QT_TRANSLATE_NOOP("palette", "The active layer is the topmost"),
        layer.can_sink: QT_TRANSLATE_NOOP("palette", "The active layer is the lowest"),
        layer.can_merge: QT_TRANSLATE_NOOP("palette", "There is no visible, unlocked layer below"),
        layer.can_flatten: QT_TRANSLATE_NOOP("palette", "There is one layer already"),
        layer_more.with_chosen_group: QT_TRANSLATE_NOOP("palette", "No group is chosen"),
        layer_more.with_applicable_mask: QT_TRANSLATE_NOOP("palette", "Needs a layer with pixels and a mask"),
        layer_more.with_selected_pixels: QT_TRANSLATE_NOOP("palette", "Needs a selection and a layer with pixels"),
        layer_more.with_visible: QT_TRANSLATE_NOOP("palette", "Needs two visible layers"),
    }
)


def reason(command: Command, session: DocumentSession | None) -> str:
    """Why a command that is disabled is; empty where that is not known."""
    known = REASONS.get(command.enabled, "")
    text = PICTURE if session is None and known else known
    return QCoreApplication.translate("palette", text) if text else ""
