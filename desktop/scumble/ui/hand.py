"""What was in the painter's hand is there again after a restart: the brush of every tool, and the colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scumble.tools import Colour
from scumble.ui.brushes.preset import brush_from, brush_values
from scumble.ui.notebook import Notebook
from scumble.ui.toolstate import ToolState


def remember_hand(tools: ToolState, notebook: Notebook) -> None:
    """Takes over what was kept, as far as it can be used, and keeps what changes from now on."""
    for tool, values in notebook.entries("brushes").items():
        brush = brush_from(values)
        if brush is not None:
            tools.set_brush(tool, brush)
    foreground, background = (_colour(notebook.items(name)) for name in ("foreground", "background"))
    recent = (_colour(entry) for entry in notebook.items("recent") if isinstance(entry, list))
    tools.restore_colours(
        foreground or tools.foreground, background or tools.background, [colour for colour in recent if colour]
    )

    def keep_brushes() -> None:
        notebook.keep("brushes", {tool: brush_values(brush) for tool, brush in tools.brushes.items()})

    def keep_colours() -> None:
        notebook.keep("foreground", list(tools.foreground))
        notebook.keep("background", list(tools.background))
        notebook.keep("recent", [list(colour) for colour in tools.recent])

    tools.brush_changed.connect(keep_brushes)
    tools.colours_changed.connect(keep_colours)


def _colour(parts: Sequence[Any]) -> Colour | None:
    """Three numbers of 0…1 as a colour; None for anything else."""
    if len(parts) != 3 or not all(isinstance(part, int | float) and 0.0 <= part <= 1.0 for part in parts):
        return None
    red, green, blue = (float(part) for part in parts)
    return red, green, blue
