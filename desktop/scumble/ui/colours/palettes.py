"""The palettes that there are, and which one is shown."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from scumble.api import ScumbleError
from scumble.files.palette import MAX_COLOURS, Palette, Swatch, read_palette, write_palette
from scumble.tools import Colour
from scumble.ui.colours.swatches import contains
from scumble.ui.notebook import Notebook
from scumble.ui.shelf import Shelf, bundled_files, read_small, write_small

SUFFIX = ".gpl"
FIRST = "essentials"
"""What a person sees who has chosen none yet."""


class Palettes(QObject):
    """Every change is kept in the person's folder at once. `changed` says that names, choice or colours differ.

    What changes something raises `ScumbleError` where the disk refuses; then nothing has changed.
    """

    changed = Signal()

    def __init__(self, folder: Path, notebook: Notebook, parent: QObject | None = None) -> None:
        super().__init__(parent)
        bundled = {name: read_palette(data, name) for name, data in bundled_files("palettes", SUFFIX).items()}
        self.shelf: Shelf[Palette] = Shelf(bundled, folder, SUFFIX, read_palette, write_palette)
        self._notebook = notebook
        self._chosen = notebook.text("palette", FIRST)
        if self._chosen not in self.shelf:
            self._chosen = FIRST

    @property
    def chosen(self) -> str:
        """The id of the palette that is shown."""
        return self._chosen

    @property
    def palette(self) -> Palette:
        """The palette that is shown."""
        return self.shelf[self._chosen]

    def choose(self, name: str) -> None:
        """Shows another one. KeyError when there is none of that id."""
        self.shelf[name]
        if name != self._chosen:
            self._chosen = name
            self._notebook.keep("palette", name)
            self.changed.emit()

    def add(self, colour: Colour, name: str = "") -> bool:
        """Puts a colour at the end of the palette; False when it is in it already."""
        palette, swatch = self.palette, Swatch(colour, name)
        if contains(palette.swatches, swatch):
            return False
        if len(palette.swatches) >= MAX_COLOURS:
            raise ScumbleError("palette-full", name=palette.name, limit=MAX_COLOURS)
        self._put(Palette(palette.name, (*palette.swatches, swatch), palette.columns))
        return True

    def remove(self, number: int) -> None:
        """Takes a colour out of the palette."""
        palette = self.palette
        kept = palette.swatches[:number] + palette.swatches[number + 1 :]
        self._put(Palette(palette.name, kept, palette.columns))

    def move(self, number: int, before: int) -> None:
        """Puts a colour before another one; at the end, where `before` is how many there are."""
        palette = self.palette
        others = [*palette.swatches]
        others.insert(before - (before > number), others.pop(number))
        self._put(Palette(palette.name, tuple(others), palette.columns))

    def name_colour(self, number: int, name: str) -> None:
        """Gives a colour a name."""
        palette = self.palette
        named = Swatch(palette.swatches[number].colour, name)
        self._put(
            Palette(palette.name, (*palette.swatches[:number], named, *palette.swatches[number + 1 :]), palette.columns)
        )

    def rename(self, name: str) -> None:
        """Gives the palette another name."""
        self._put(Palette(name, self.palette.swatches, self.palette.columns))

    def make(self, name: str, palette: Palette | None = None) -> None:
        """A new palette, empty or like another, which is then the one that is shown."""
        identity = self.shelf.free_id(name)
        like = palette or Palette(name)
        self.shelf.put(identity, Palette(name, like.swatches, like.columns))
        self._chosen = identity
        self._notebook.keep("palette", identity)
        self.changed.emit()

    def read(self, path: Path) -> None:
        """Takes a copy of a palette file. Raises `ScumbleError` when it is none."""
        palette = read_palette(read_small(path), path.name)
        self.make(palette.name or path.stem, palette)

    def write(self, path: Path) -> None:
        """Writes the palette into a file. Raises `ScumbleError` when the disk refuses."""
        write_small(path, write_palette(self.palette))

    def drop(self) -> None:
        """Takes the palette away; one that comes with the program is as it came."""
        self.shelf.remove(self._chosen)
        if self._chosen not in self.shelf:
            self._chosen = FIRST
            self._notebook.keep("palette", FIRST)
        self.changed.emit()

    def _put(self, palette: Palette) -> None:
        self.shelf.put(self._chosen, palette)
        self.changed.emit()
