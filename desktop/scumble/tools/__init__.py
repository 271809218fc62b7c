"""Canvas tools as generators: press, yield, move…, release. Know no widget."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scumble.tools.cloning import clone
from scumble.tools.drawing import line, oval, rectangle
from scumble.tools.filling import bucket, gradient
from scumble.tools.gesture import Band, Begin, Cloning, Colour, Drift, Gesture, Phase, Point, Pointer, Stage
from scumble.tools.moving import move, nudge
from scumble.tools.options import Combine, Options, Proportion
from scumble.tools.painting import brush, check_editable, eraser, mask_brush, smudge
from scumble.tools.picking import colour_picker
from scumble.tools.selecting import nudge_outline
from scumble.tools.shapes import ellipse_select, lasso_select, polygon_select, rectangle_select
from scumble.tools.wand import magic_wand, select_colour

TOOLS: Final[Mapping[str, Begin]] = MappingProxyType(
    {
        "brush": brush,
        "eraser": eraser,
        "smudge": smudge,
        "clone": clone,
        "fill": bucket,
        "gradient": gradient,
        "line": line,
        "rectangle": rectangle,
        "ellipse": oval,
        "mask": mask_brush,
        "select": rectangle_select,
        "select-ellipse": ellipse_select,
        "lasso": lasso_select,
        "lasso-polygon": polygon_select,
        "wand": magic_wand,
        "select-colour": select_colour,
        "move": move,
        "picker": colour_picker,
    }
)
"""The tools by id."""

__all__ = [
    "TOOLS",
    "Band",
    "Begin",
    "Cloning",
    "Colour",
    "Combine",
    "Drift",
    "Gesture",
    "Options",
    "Phase",
    "Point",
    "Pointer",
    "Proportion",
    "Stage",
    "brush",
    "bucket",
    "check_editable",
    "clone",
    "colour_picker",
    "ellipse_select",
    "eraser",
    "gradient",
    "lasso_select",
    "magic_wand",
    "mask_brush",
    "move",
    "nudge",
    "nudge_outline",
    "polygon_select",
    "rectangle_select",
    "select_colour",
    "smudge",
]
