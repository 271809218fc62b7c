"""Takes every tool in hand on a real X display: keys and pointer come from the X server, not from Qt.

Run with a folder for its own files and one for screenshots; prints a line of JSON for each tool.
"""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest

from scumble.app.window import build
from scumble.document import SELECTION, PaintLayer
from scumble.settings.paths import Paths
from scumble.ui.dialogs.new_picture import NewPicture
from scumble.ui.toolbox import TOOLBOX

WIDTH, HEIGHT = 400, 300


class Walk:
    """A person at the keyboard, and what they see."""

    def __init__(self, home: Path, shots: Path) -> None:
        self.program = build(Paths(home / "data", home / "config", home / "cache"), service=False)
        self.window = self.program.window
        self.shots = shots
        self.hand = ""
        self.window.resize(1400, 900)
        self.window.move(0, 0)
        self.window.show()
        QTest.qWaitForWindowExposed(self.window)
        self.program.finish()
        self.program.files.create(NewPicture(WIDTH, HEIGHT, (1.0, 1.0, 1.0)))
        QTest.qWait(600)
        self.window.activateWindow()
        self.window.canvas.setFocus()
        self.window.canvas.set_viewport(self.window.canvas.viewport.zoomed(1.0))
        QTest.qWait(200)

    @property
    def document(self):
        return self.window.session.document

    def x(self, *words: str | int) -> None:
        """A command of xdotool; the window works on meanwhile."""
        process = subprocess.Popen(["xdotool", *(str(word) for word in words)])
        while process.poll() is None:
            QTest.qWait(5)
        QTest.qWait(30)

    def at(self, x: float, y: float) -> tuple[int, int]:
        """A document point on the screen."""
        canvas = self.window.canvas
        seen = canvas.mapToGlobal(canvas.viewport.to_view(x, y).toPoint())
        assert isinstance(seen, QPoint)
        return round(seen.x()), round(seen.y())

    def key(self, keys: str) -> None:
        self.x("key", keys)

    def take(self, tool: str) -> None:
        """A tool by its key, or from the menu where it has none."""
        if keys := shortcut(tool):
            self.key(keys)
        else:
            self.window.commands.action(f"tool.{tool}").trigger()
        self.hand = self.window.tools.tool

    def click(self, x: float, y: float, button: int = 1) -> None:
        self.x("mousemove", *self.at(x, y), "click", button)

    def drag(self, *points: tuple[float, float], hold: str = "") -> None:
        """Press at the first, move through the others, release at the last."""
        if hold:
            self.x("keydown", hold)
        self.x("mousemove", *self.at(*points[0]), "mousedown", 1)
        for before, after in pairwise(points):
            for part in (0.25, 0.5, 0.75, 1.0):
                place = [a + (b - a) * part for a, b in zip(before, after, strict=True)]
                self.x("mousemove", *self.at(*place))
        self.x("mouseup", 1)
        if hold:
            self.x("keyup", hold)

    def pixel(self, x: int, y: int) -> list[int]:
        """The colour of the active layer, straight RGBA."""
        layer = self.document.active
        assert isinstance(layer, PaintLayer)
        stored = self.document.surface(layer.surface).read(self.document.bounds)[y : y + 1, x : x + 1]
        return [int(value) for value in self.document.format.to_straight(stored)[0, 0]]

    def selected(self) -> int:
        """How many pixels are selected by at least half."""
        return int((self.document.surface(SELECTION).read(self.document.bounds) >= 128).sum())

    def tell(self, tool: str, **seen: object) -> None:
        """What came of a tool, with a picture of the screen."""
        QTest.qWait(120)
        self.window.screen().grabWindow(0).save(str(self.shots / f"{tool}.png"))
        history = self.document.history
        names = history.names[: history.position]
        print(json.dumps({"tool": tool, "hand": self.hand, "step": names[-1] if names else "", **seen}))


def shortcut(tool: str) -> str:
    """The tool's key as xdotool writes it; empty where it has none."""
    keys = next((face.shortcuts[0] for face in TOOLBOX if face.id == tool and face.shortcuts), "")
    *held, letter = keys.split("+")
    return "+".join([*(name.lower() for name in held), letter.lower() if len(letter) == 1 else letter])


def main() -> None:
    """The walk."""
    walk = Walk(Path(sys.argv[1]), Path(sys.argv[2]))
    paint(walk)
    draw(walk)
    select(walk)
    reshape(walk)
    walk.program.close()


def paint(walk: Walk) -> None:
    """What is like a brush."""
    walk.key("Insert")  # a new layer
    walk.take("brush")
    walk.drag((60, 60), (160, 60))
    walk.tell("brush", on=walk.pixel(110, 60), off=walk.pixel(110, 120))
    walk.take("eraser")
    walk.drag((100, 40), (100, 80))
    walk.tell("eraser", gone=walk.pixel(100, 60), left=walk.pixel(150, 60))
    walk.take("smudge")
    walk.drag((150, 60), (150, 110))
    walk.tell("smudge", smeared=walk.pixel(150, 74))
    walk.take("clone")
    walk.x("keydown", "ctrl")
    walk.click(70, 60)
    walk.x("keyup", "ctrl")
    walk.drag((70, 200), (90, 200))
    walk.tell("clone", copied=walk.pixel(75, 200))
    walk.take("select")
    walk.drag((200, 100), (300, 200))
    walk.tell("select", count=walk.selected())
    walk.take("gradient")
    walk.drag((205, 150), (295, 150))
    walk.tell("gradient", left=walk.pixel(204, 150), right=walk.pixel(296, 150), outside=walk.pixel(310, 150))
    walk.key("ctrl+shift+a")
    walk.take("fill")
    walk.click(350, 250)
    walk.tell("fill", on=walk.pixel(380, 280))
    walk.key("ctrl+z")


def draw(walk: Walk) -> None:
    """Shapes, which are taken back."""
    walk.take("line")
    walk.drag((330, 20), (390, 20))
    walk.tell("line", on=walk.pixel(360, 20))
    walk.take("rectangle")
    walk.drag((330, 60), (390, 100))
    walk.tell("rectangle", edge=walk.pixel(330, 80))
    walk.take("ellipse")
    walk.drag((330, 140), (390, 180))
    walk.tell("ellipse", edge=walk.pixel(360, 140))
    for _ in range(3):
        walk.key("ctrl+z")


def select(walk: Walk) -> None:
    """All ways but the rectangle, which comes before the gradient."""
    walk.take("select-ellipse")
    walk.drag((20, 220), (120, 280))
    walk.tell("select-ellipse", count=walk.selected())
    walk.take("lasso")
    walk.drag((200, 20), (300, 20), (300, 90), (200, 20))
    walk.tell("lasso", count=walk.selected())
    walk.take("lasso-polygon")
    for point in ((20, 220), (120, 220), (120, 280)):
        walk.click(*point)
    walk.key("Return")
    walk.tell("lasso-polygon", count=walk.selected())
    walk.take("wand")
    walk.click(60, 60)
    walk.tell("wand", count=walk.selected())
    walk.take("select-colour")
    walk.click(60, 60)
    walk.tell("select-colour", count=walk.selected())
    walk.key("ctrl+shift+a")
    walk.take("mask")
    walk.drag((200, 40), (330, 40))
    walk.tell("mask", count=walk.selected())
    walk.key("ctrl+shift+a")


def reshape(walk: Walk) -> None:
    """What moves pixels, and the picker."""
    before = np.array(walk.pixel(60, 60))
    walk.take("move")
    walk.drag((100, 100), (110, 125))
    walk.tell("move", moved=[int(v) for v in np.array(walk.pixel(70, 85)) - before])
    walk.key("ctrl+z")
    walk.take("transform")
    walk.drag((200, 130), (230, 150))
    walk.key("Return")
    QTest.qWait(600)
    walk.tell("transform", moved=[int(v) for v in np.array(walk.pixel(90, 80)) - before])
    walk.key("ctrl+z")
    walk.take("picker")
    walk.click(380, 20)
    walk.tell("picker", colour=[round(value, 2) for value in walk.window.tools.foreground])
    walk.take("crop")
    walk.drag((10, 10), (210, 160))
    walk.key("Return")
    QTest.qWait(600)
    walk.tell("crop", size=[walk.document.width, walk.document.height])


if __name__ == "__main__":
    main()
