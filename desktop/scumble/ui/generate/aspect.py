"""Proportions to choose from, where a tool's form asks for a width and a height."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication, QSignalBlocker
from PySide6.QtWidgets import QComboBox, QWidget

from scumble.api import ParamValue, Tool
from scumble.plugins import SIZE_STEP
from scumble.ui.generate.fields import SizeField, calm

RATIOS: Final = ((1, 1), (4, 3), (3, 2), (16, 9), (21, 9), (3, 4), (2, 3), (9, 16))
"""Width to height."""

FAR: Final = (0.5, 2.0)
"""Beyond these shares of the area that a model was trained at, what it draws repeats itself or dissolves."""


class AspectField(QComboBox):
    """Sets two lengths to proportions, at the area that suits the model; shows which they have."""

    def __init__(self, width: SizeField, height: SizeField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._width, self._height = width, height
        self.native = 0
        """The side that the model was trained at; 0 keeps the area that there is."""
        self.setAccessibleName(self.tr("Proportions"))
        self.addItem(self.tr("Own"), None)
        for ratio in RATIOS:
            self.addItem(f"{ratio[0]} : {ratio[1]}", ratio)
        calm(self)
        self.activated.connect(self._choose)
        for field in (width, height):
            field.changed.connect(self._follow)
        self._follow()

    def _choose(self, place: int) -> None:
        ratio = self.itemData(place)
        if ratio is not None:
            area = self.native**2 or int(self._width.value()) * int(self._height.value())
            for field, side in zip((self._width, self._height), sides(ratio, area), strict=True):
                field.set_value(side)
        self._follow()

    def _follow(self) -> None:
        chosen = int(self._width.value()), int(self._height.value())
        area = chosen[0] * chosen[1]
        known = (place for place, ratio in enumerate(RATIOS, 1) if sides(ratio, area) == chosen)
        with QSignalBlocker(self):
            self.setCurrentIndex(next(known, 0))


def sides(ratio: tuple[int, int], area: int) -> tuple[int, int]:
    """Width and height of about that area, each the nearest multiple of 8."""
    width = math.sqrt(area * ratio[0] / ratio[1])
    near = (max(round(side / SIZE_STEP), 1) * SIZE_STEP for side in (width, area / width))
    return next(near), next(near)


def far_from(tool: Tool, params: Mapping[str, ParamValue], native: int | None) -> str:
    """A warning where the form asks for much more or less than the model was trained at; else empty."""
    lengths = [int(params[name]) for name, param in tool.params.items() if param.type == "size"]
    if len(lengths) != 2 or not native:
        return ""
    share = lengths[0] * lengths[1] / native**2
    if FAR[0] <= share <= FAR[1]:
        return ""
    text = QCoreApplication.translate(
        "generate", "This model was trained at {side} × {side}. Far from that, pictures repeat themselves or dissolve."
    )
    return text.format(side=native)
