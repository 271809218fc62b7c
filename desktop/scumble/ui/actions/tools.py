"""The tool bar, and the keys of brush and colours."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QToolBar

from scumble.ui.commands import Command, Commands
from scumble.ui.families import FamilyButton
from scumble.ui.icons import SIZE
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.toolbox import TOOLBOX
from scumble.ui.toolstate import ToolState

BRUSH = (
    Command("brush.smaller", QT_TRANSLATE_NOOP("commands", "Smaller brush"), "", ("[",)),
    Command("brush.larger", QT_TRANSLATE_NOOP("commands", "Larger brush"), "", ("]",)),
    Command("colours.reset", QT_TRANSLATE_NOOP("commands", "Black and white"), "reset", ("D",)),
    Command("colours.swap", QT_TRANSLATE_NOOP("commands", "Swap colours, or add and subtract"), "swap", ("X",)),
)


def add_tool_commands(commands: Commands, tools: ToolState) -> None:
    """Adds the tools as an exclusive group, and the keys that change what is in the hand."""
    group = QActionGroup(commands)
    group.setExclusive(True)
    for face in TOOLBOX:
        action = commands.add(face.command, partial(tools.set_tool, face.id))
        action.setChecked(tools.tool == face.id)
        group.addAction(action)
    tools.tool_changed.connect(lambda tool: commands.action(f"tool.{tool}").setChecked(True))

    def swap() -> None:
        if tools.tool == "mask":
            tools.set_add(not tools.add)
        else:
            tools.swap_colours()

    handlers = (lambda: tools.resize_brush(-1), lambda: tools.resize_brush(1), tools.reset_colours, swap)
    for command, handler in zip(BRUSH, handlers, strict=True):
        commands.add(command, handler)


def make_tool_bar(commands: Commands) -> QToolBar:
    """The column of tools at the left of the window."""
    bar = QToolBar(QCoreApplication.translate("ToolBar", "Tools"))
    bar.setObjectName("tools")
    bar.setOrientation(Qt.Orientation.Vertical)
    bar.setIconSize(QSize(SIZE, SIZE))
    bar.setMovable(False)
    families: dict[str, FamilyButton] = {}
    for face in TOOLBOX:
        if face.divider:
            bar.addSeparator()
        action = commands.action(face.command.id)
        if not face.family:
            bar.addAction(action)
        elif face.family in families:
            families[face.family].add(action)
        else:
            families[face.family] = FamilyButton(action)
            bar.addWidget(families[face.family])
    return bar
