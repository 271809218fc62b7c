"""Which preset each tool's brush comes from, and whether the brush still is as the preset has it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from scumble.paint import Brush
from scumble.ui.brushes.library import PresetLibrary
from scumble.ui.notebook import Notebook
from scumble.ui.toolstate import ToolState


class PresetChoice(QObject):
    """`changed` says that another preset is chosen, or that the brush begins or ceases to differ from it."""

    changed = Signal()

    def __init__(
        self, tools: ToolState, library: PresetLibrary, notebook: Notebook, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._tools = tools
        self._library = library
        self._notebook = notebook
        self._chosen: dict[str, str] = {}
        self._previous = notebook.text("preset.previous")
        self._was: tuple[str, bool] = ("", False)
        for tool, name in notebook.entries("presets").items():
            if isinstance(name, str) and name in library:
                self._chosen[tool] = name
        for name in library:
            preset = library[name]
            if tools.brush_of(preset.tool) == preset.brush:
                self._chosen.setdefault(preset.tool, name)
        library.changed.connect(self._on_library)
        tools.brush_changed.connect(self._tell)
        self._was = (self.chosen, self.modified)

    @property
    def chosen(self) -> str:
        """The id of the preset of the brush in hand; empty when it comes from none."""
        return self._chosen.get(self._tool, "")

    @property
    def modified(self) -> bool:
        """Whether the brush in hand differs from its preset."""
        return bool(self.chosen) and self._tools.brush != self._library[self.chosen].brush

    @property
    def usual(self) -> Brush:
        """The brush that a field is reset to: that of the preset, or a plain one."""
        return self._library[self.chosen].brush if self.chosen else Brush()

    def choose(self, name: str) -> None:
        """Takes the tool of a preset in hand, with its brush. KeyError when there is none of that id."""
        preset = self._library[name]
        if self.chosen and name != self.chosen:
            self._previous = self.chosen
            self._notebook.keep("preset.previous", self._previous)
        self._chosen[preset.tool] = name
        self._tools.set_tool(preset.tool)
        self._tools.set_brush(preset.tool, preset.brush)
        self._keep()

    def previous(self) -> None:
        """Takes the preset that was chosen before this one; twice comes back."""
        if self._previous in self._library:
            self.choose(self._previous)

    def reload(self) -> None:
        """The brush as the preset has it."""
        if self.chosen:
            self._tools.set_brush(self._tool, self._library[self.chosen].brush)

    @property
    def _tool(self) -> str:
        return self._tools.tool if self._tools.has_brush else "brush"

    def _keep(self) -> None:
        self._notebook.keep("presets", dict(self._chosen))
        self._tell()

    def _on_library(self) -> None:
        gone = [tool for tool, name in self._chosen.items() if name not in self._library]
        for tool in gone:
            del self._chosen[tool]
        self._keep()

    def _tell(self) -> None:
        now = (self.chosen, self.modified)
        if now != self._was:
            self._was = now
            self.changed.emit()
