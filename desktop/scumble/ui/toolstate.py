"""What is in the painter's hand: the tool, a brush for each painting tool, and the two colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from scumble.paint import Brush
from scumble.tools import Colour, Options
from scumble.ui.toolbox import FACES

MIN_SIZE: Final = 1.0
MAX_SIZE: Final = 1000.0
RECENT: Final = 12
"""How many colours are remembered."""


class ToolState(QObject):
    """Shared by tool bars, docks and every canvas. Colours are straight, 0…1."""

    tool_changed = Signal(str)
    brush_changed = Signal()
    colours_changed = Signal()
    mode_changed = Signal(bool)
    options_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tool = "brush"
        self._brushes: dict[str, Brush] = {
            "brush": Brush(size=24.0, hardness=0.8),
            "eraser": Brush(size=48.0, hardness=0.8),
            "smudge": Brush(size=48.0, hardness=0.4, spacing=0.05),
            "clone": Brush(size=64.0, hardness=0.5),
            "mask": Brush(size=80.0, hardness=1.0),
        }
        self._foreground: Colour = (0.0, 0.0, 0.0)
        self._background: Colour = (1.0, 1.0, 1.0)
        self._recent: list[Colour] = []
        self._add = True
        self._options = Options(all_layers=True)  # generating leaves many layers, each with little in it

    @property
    def tool(self) -> str:
        """The id of the tool in use."""
        return self._tool

    def set_tool(self, tool: str) -> None:
        """Takes another tool."""
        if tool != self._tool:
            self._tool = tool
            self.tool_changed.emit(tool)
            self.brush_changed.emit()

    @property
    def has_brush(self) -> bool:
        """Whether the tool in use paints with a brush."""
        return FACES[self._tool].brush

    @property
    def brush(self) -> Brush:
        """The brush of the tool in use; the paint brush where that tool has none."""
        return self.brush_of(self._tool)

    def brush_of(self, tool: str) -> Brush:
        """The brush of a tool."""
        return self._brushes.get(tool, self._brushes["brush"])

    @property
    def brushes(self) -> Mapping[str, Brush]:
        """The brush of every tool that has one."""
        return MappingProxyType(self._brushes)

    def set_brush(self, tool: str, brush: Brush) -> None:
        """Gives a tool another brush; a tool that has none is passed over."""
        if self._brushes.get(tool, brush) != brush:
            self._brushes[tool] = replace(brush, size=min(brush.size, MAX_SIZE))
            self.brush_changed.emit()

    def change_brush(self, **changes: Any) -> None:
        """Changes fields of the brush in use; the size is kept within its limits."""
        if "size" in changes:
            changes["size"] = min(max(float(changes["size"]), MIN_SIZE), MAX_SIZE)
        name = self._tool if self.has_brush else "brush"
        changed = replace(self._brushes[name], **changes)
        if changed != self._brushes[name]:
            self._brushes[name] = changed
            self.brush_changed.emit()

    def resize_brush(self, direction: int) -> None:
        """A step larger (1) or smaller (-1); steps grow with the size."""
        size = self.brush.size
        step = 1.0 if size < 10 else 5.0 if size < 50 else 10.0 if size < 100 else 25.0 if size < 300 else 50.0
        self.change_brush(size=round(size + direction * step))

    @property
    def add(self) -> bool:
        """Whether the mask brush selects; else it takes away from the selection."""
        return self._add

    def set_add(self, add: bool) -> None:
        """Chooses what the mask brush does."""
        if add != self._add:
            self._add = add
            self.mode_changed.emit(add)

    @property
    def options(self) -> Options:
        """What the tools are told besides the brush."""
        return self._options

    def change_options(self, **changes: Any) -> None:
        """Changes fields of the options."""
        changed = replace(self._options, **changes)
        if changed != self._options:
            self._options = changed
            self.options_changed.emit()

    @property
    def foreground(self) -> Colour:
        """What the brush paints with."""
        return self._foreground

    @property
    def background(self) -> Colour:
        """The other colour."""
        return self._background

    def set_foreground(self, colour: Colour) -> None:
        """Chooses the colour to paint with."""
        if colour != self._foreground:
            self._foreground = colour
            self.colours_changed.emit()

    def set_background(self, colour: Colour) -> None:
        """Chooses the other colour."""
        if colour != self._background:
            self._background = colour
            self.colours_changed.emit()

    def swap_colours(self) -> None:
        """Exchanges the two colours."""
        self._foreground, self._background = self._background, self._foreground
        self.colours_changed.emit()

    def reset_colours(self) -> None:
        """Black on white."""
        self._foreground, self._background = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
        self.colours_changed.emit()

    @property
    def recent(self) -> tuple[Colour, ...]:
        """Colours that were painted with, the last first."""
        return tuple(self._recent)

    def restore_colours(self, foreground: Colour, background: Colour, recent: Iterable[Colour]) -> None:
        """Takes over what was in the hand before, the last recent colour first."""
        self._foreground, self._background = foreground, background
        self._recent = list(recent)[:RECENT]
        self.colours_changed.emit()

    def remember_colour(self) -> None:
        """Puts the foreground first among the recent colours."""
        if self._recent[:1] == [self._foreground]:
            return
        rest = [colour for colour in self._recent if colour != self._foreground]
        self._recent = [self._foreground, *rest][:RECENT]
        self.colours_changed.emit()
