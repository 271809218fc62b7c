"""The one table of canvas tools: what a person sees of each, and how the canvas treats it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import Qt

from scumble.ui.commands import Command
from scumble.ui.marking import QT_TRANSLATE_NOOP

SELECTING: Final = "selecting"
"""The family of the tools that select."""


@dataclass(frozen=True, slots=True)
class ToolFace:
    """`id` is the tool's in `scumble.tools.TOOLS`, or that of a mode (`scumble.ui.modes`), which has the canvas to
    itself. `step` is what the history calls its edit, `hint` what the options bar says. `options` are the controls of
    `scumble.ui.tooloptions` that it has, in the order in which they are shown.

    Tools of one `family` share a place in the tool bar, where the one used last is shown.

    `brush`: it has a brush of its own. `lazy`: it looks only at the latest place of the pointer, and needs more time
    for it than there is for events. `paints`: it lays the foreground colour, and Ctrl takes one instead. `divider`: the
    tool bar draws a line above it.
    """

    id: str
    text: str
    shortcuts: tuple[str, ...]
    icon: str
    step: str = ""
    hint: str = ""
    tip: str = ""
    cursor: Qt.CursorShape = Qt.CursorShape.CrossCursor
    options: tuple[str, ...] = ()
    family: str = ""
    brush: bool = False
    lazy: bool = False
    paints: bool = False
    divider: bool = False

    @property
    def command(self) -> Command:
        """Takes the tool in hand."""
        return Command(f"tool.{self.id}", self.text, self.icon, self.shortcuts, self.tip, checkable=True)


TOOLBOX: Final = (
    ToolFace(
        "brush",
        QT_TRANSLATE_NOOP("commands", "Brush"),
        ("B",),
        "brush",
        QT_TRANSLATE_NOOP("steps", "Brush stroke"),
        brush=True,
        paints=True,
    ),
    ToolFace(
        "eraser",
        QT_TRANSLATE_NOOP("commands", "Eraser"),
        ("E",),
        "eraser",
        QT_TRANSLATE_NOOP("steps", "Erase"),
        brush=True,
    ),
    ToolFace(
        "smudge",
        QT_TRANSLATE_NOOP("commands", "Smudge"),
        ("U",),
        "smudge",
        QT_TRANSLATE_NOOP("steps", "Smudge"),
        tip=QT_TRANSLATE_NOOP("commands", "Smudge: take wet paint along"),
        options=("strength",),
        brush=True,
    ),
    ToolFace(
        "clone",
        QT_TRANSLATE_NOOP("commands", "Clone"),
        ("S",),
        "clone",
        QT_TRANSLATE_NOOP("steps", "Clone"),
        tip=QT_TRANSLATE_NOOP("commands", "Clone: paint with what lies elsewhere. Alt and a click choose what"),
        options=("aligned", "all_layers"),
        brush=True,
    ),
    ToolFace(
        "fill",
        QT_TRANSLATE_NOOP("commands", "Fill"),
        ("F",),
        "fill",
        QT_TRANSLATE_NOOP("steps", "Fill"),
        options=("tolerance", "contiguous", "all_layers", "gap", "grow", "smooth_edges", "cover"),
        family="filling",
        paints=True,
        divider=True,
    ),
    ToolFace(
        "gradient",
        QT_TRANSLATE_NOOP("commands", "Gradient"),
        ("G",),
        "gradient",
        QT_TRANSLATE_NOOP("steps", "Gradient"),
        QT_TRANSLATE_NOOP("OptionsBar", "Drag from the foreground colour to the background colour."),
        options=("gradient", "fade", "cover"),
        family="filling",
        lazy=True,
        paints=True,
    ),
    ToolFace(
        "line",
        QT_TRANSLATE_NOOP("commands", "Line"),
        ("N",),
        "line",
        QT_TRANSLATE_NOOP("steps", "Line"),
        QT_TRANSLATE_NOOP("OptionsBar", "Drag to draw with the brush. Shift keeps to eight directions."),
        options=("brush_size",),
        family="drawing",
        lazy=True,
        paints=True,
    ),
    ToolFace(
        "rectangle",
        QT_TRANSLATE_NOOP("commands", "Rectangle"),
        ("K",),
        "rectangle",
        QT_TRANSLATE_NOOP("steps", "Rectangle"),
        QT_TRANSLATE_NOOP("OptionsBar", "Drag to draw. Shift makes a square, Alt begins in the middle."),
        options=("brush_size", "filled", "cover"),
        family="drawing",
        lazy=True,
        paints=True,
    ),
    ToolFace(
        "ellipse",
        QT_TRANSLATE_NOOP("commands", "Ellipse"),
        ("O",),
        "ellipse",
        QT_TRANSLATE_NOOP("steps", "Ellipse"),
        QT_TRANSLATE_NOOP("OptionsBar", "Drag to draw. Shift makes a circle, Alt begins in the middle."),
        options=("brush_size", "filled", "cover"),
        family="drawing",
        lazy=True,
        paints=True,
    ),
    ToolFace(
        "mask",
        QT_TRANSLATE_NOOP("commands", "Mask brush"),
        ("M",),
        "mask-brush",
        QT_TRANSLATE_NOOP("steps", "Paint selection"),
        tip=QT_TRANSLATE_NOOP("commands", "Mask brush: paint what may change"),
        brush=True,
        divider=True,
    ),
    ToolFace(
        "select",
        QT_TRANSLATE_NOOP("commands", "Rectangle select"),
        ("R", "Ctrl+R"),
        "select",
        QT_TRANSLATE_NOOP("steps", "Select"),
        QT_TRANSLATE_NOOP("OptionsBar", "Drag to select. Shift adds, Alt takes away, a click deselects."),
        options=("combine", "feather", "proportion"),
        family=SELECTING,
        lazy=True,
    ),
    ToolFace(
        "select-ellipse",
        QT_TRANSLATE_NOOP("commands", "Ellipse select"),
        ("J", "Shift+R"),
        "select-ellipse",
        QT_TRANSLATE_NOOP("steps", "Select"),
        QT_TRANSLATE_NOOP("OptionsBar", "Drag to select. Then Shift makes a circle, Alt begins at its centre."),
        options=("combine", "feather", "proportion", "smooth_edges"),
        family=SELECTING,
        lazy=True,
    ),
    ToolFace(
        "lasso",
        QT_TRANSLATE_NOOP("commands", "Lasso"),
        ("L",),
        "lasso",
        QT_TRANSLATE_NOOP("steps", "Select"),
        QT_TRANSLATE_NOOP("OptionsBar", "Draw round what is to be selected."),
        options=("combine", "feather", "smooth_edges"),
        family=SELECTING,
    ),
    ToolFace(
        "lasso-polygon",
        QT_TRANSLATE_NOOP("commands", "Polygon lasso"),
        ("Shift+L",),
        "lasso-polygon",
        QT_TRANSLATE_NOOP("steps", "Select"),
        QT_TRANSLATE_NOOP("OptionsBar", "Click the corners; Enter or a double click closes, Backspace goes back."),
        options=("combine", "feather", "smooth_edges"),
        family=SELECTING,
    ),
    ToolFace(
        "wand",
        QT_TRANSLATE_NOOP("commands", "Magic wand"),
        ("W",),
        "wand",
        QT_TRANSLATE_NOOP("steps", "Select by colour"),
        options=(
            "combine",
            "tolerance",
            "contiguous",
            "all_layers",
            "smooth_edges",
            "gap",
            "grow",
            "feather",
        ),
        family=SELECTING,
    ),
    ToolFace(
        "select-colour",
        QT_TRANSLATE_NOOP("commands", "Select by colour"),
        ("Shift+W",),
        "select-colour",
        QT_TRANSLATE_NOOP("steps", "Select by colour"),
        options=("combine", "tolerance", "all_layers", "smooth_edges", "grow", "feather"),
        family=SELECTING,
    ),
    ToolFace(
        "move",
        QT_TRANSLATE_NOOP("commands", "Move"),
        ("T", "V"),
        "move",
        QT_TRANSLATE_NOOP("steps", "Move layer"),
        QT_TRANSLATE_NOOP("OptionsBar", "Drag to move the layer, or what is selected of it. Arrow keys nudge."),
        cursor=Qt.CursorShape.SizeAllCursor,
        options=("auto_select",),
        lazy=True,
        divider=True,
    ),
    ToolFace(
        "transform",
        QT_TRANSLATE_NOOP("commands", "Free transform"),
        ("Ctrl+T",),
        "transform",
        tip=QT_TRANSLATE_NOOP(
            "commands", "Free transform: move, scale, turn, slant or bend the layer or what is selected"
        ),
    ),
    ToolFace(
        "crop",
        QT_TRANSLATE_NOOP("commands", "Crop"),
        ("C",),
        "crop",
        tip=QT_TRANSLATE_NOOP("commands", "Crop: choose which part of the picture to keep"),
    ),
    ToolFace(
        "picker",
        QT_TRANSLATE_NOOP("commands", "Colour picker"),
        ("P",),
        "picker",
        hint=QT_TRANSLATE_NOOP("OptionsBar", "Click to take a colour from the picture."),
        options=("visible", "average"),
    ),
)
"""The tools in the order of the tool bar."""

FACES: Final = MappingProxyType({face.id: face for face in TOOLBOX})
"""The same by id."""
