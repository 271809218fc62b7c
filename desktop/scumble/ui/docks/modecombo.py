"""The choice of a blend mode, in the groups that painters know."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QComboBox, QWidget

from scumble.document import BlendMode
from scumble.ui.docks.layer_delegate import mode_title

GROUPS: Final = (
    ("NORMAL", "DISSOLVE"),
    ("DARKEN", "MULTIPLY", "COLOR_BURN", "LINEAR_BURN", "DARKER_COLOR"),
    ("LIGHTEN", "SCREEN", "COLOR_DODGE", "ADD", "LIGHTER_COLOR"),
    (
        "OVERLAY",
        "SOFT_LIGHT",
        "HARD_LIGHT",
        "VIVID_LIGHT",
        "LINEAR_LIGHT",
        "PIN_LIGHT",
        "HARD_MIX",
        "HARD_MIX_PHOTOSHOP",
    ),
    ("DIFFERENCE", "EXCLUSION", "SUBTRACT", "DIVIDE", "GRAIN_EXTRACT", "GRAIN_MERGE"),
    ("HUE", "SATURATION", "COLOR", "LUMINOSITY"),
)
"""Names of modes that do much the same; one that stands in none of the groups comes after all of them."""

SHOWN: Final = 40
"""Rows of the list that are seen at once: all of them."""


def grouped() -> tuple[tuple[BlendMode, ...], ...]:
    """Every blend mode once, in groups."""
    known = BlendMode.__members__
    groups = [tuple(known[name] for name in names if name in known) for names in GROUPS]
    placed = {mode for group in groups for mode in group}
    groups.append(tuple(mode for mode in BlendMode if mode not in placed))
    return tuple(group for group in groups if group)


class ModeCombo(QComboBox):
    """Holds every blend mode as its data, with a line between the groups."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Blend mode"))
        self.setToolTip(self.tr("Blend mode"))
        self.setMaxVisibleItems(SHOWN)
        self._rows: dict[BlendMode, int] = {}
        for group in grouped():
            if self.count():
                self.insertSeparator(self.count())
            for mode in group:
                self._rows[mode] = self.count()
                self.addItem(mode_title(mode), mode)

    def show_mode(self, mode: BlendMode) -> None:
        """Shows a mode without saying that it was chosen."""
        self.setCurrentIndex(self._rows[mode])
