"""The brush presets that there are: those that come along, and a person's own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from scumble.paint import Brush
from scumble.ui.brushes.preset import CATEGORIES, SUFFIX, Preset, preset_from, read_preset, write_preset
from scumble.ui.shelf import Shelf, bundled_files, read_small, write_small
from scumble.ui.toolbox import FACES


class PresetLibrary(QObject):
    """`changed` says that there are other ones than before, or that one has another name or brush.

    What changes something raises `ScumbleError` where the disk refuses; then nothing has changed.
    """

    changed = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shelf: Shelf[Preset] = Shelf(bundled_presets(), folder, SUFFIX, read_preset, write_preset)

    def __iter__(self) -> Iterator[str]:
        """The ids, by category; those for a tool that is not there are left out."""
        order = {category: number for number, category in enumerate(CATEGORIES)}
        known = (name for name in self.shelf if self.shelf[name].tool in FACES)
        return iter(sorted(known, key=lambda name: order[self.shelf[name].category]))

    def __contains__(self, name: object) -> bool:
        return name in self.shelf

    def __getitem__(self, name: str) -> Preset:
        """A preset. KeyError when there is none of that id."""
        return self.shelf[name]

    def save_as(self, name: str, brush: Brush, tool: str, category: str = "own") -> str:
        """Keeps a brush under a new name; returns its id."""
        identity = self.shelf.free_id(name)
        self._put(identity, Preset(name, brush, category, tool))
        return identity

    def overwrite(self, identity: str, brush: Brush) -> None:
        """Keeps another brush in the place of a preset's."""
        self._put(identity, replace(self.shelf[identity], brush=brush))

    def rename(self, identity: str, name: str) -> None:
        """Gives a preset another name."""
        self._put(identity, replace(self.shelf[identity], name=name))

    def move(self, identity: str, category: str) -> None:
        """Puts a preset into another category."""
        self._put(identity, replace(self.shelf[identity], category=category))

    def remove(self, identity: str) -> None:
        """Takes a person's own away; one that comes along is as it came."""
        self.shelf.remove(identity)
        self.changed.emit()

    def read(self, path: Path) -> str:
        """Takes a copy of a preset file; returns its id. Raises `ScumbleError` when it is none."""
        preset = read_preset(read_small(path), path.name)
        return self.save_as(preset.name, preset.brush, preset.tool, preset.category)

    def write(self, identity: str, path: Path) -> None:
        """Writes a preset into a file. Raises `ScumbleError` when the disk refuses."""
        write_small(path, write_preset(self.shelf[identity]))

    def _put(self, identity: str, preset: Preset) -> None:
        self.shelf.put(identity, preset)
        self.changed.emit()


def bundled_presets() -> dict[str, Preset]:
    """The presets of the resources by id: a file of tables for each category."""
    found: dict[str, Preset] = {}
    for category, data in bundled_files("brushes", ".toml").items():
        for table in tomllib.loads(data.decode())["preset"]:
            found[table["id"]] = preset_from({"category": category, **table})
    return found
