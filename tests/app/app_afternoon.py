"""Opens a picture, heals it, changes its mind, saves and opens again, by pointer and keys of the X server alone.

Run with a folder for its own files; prints a line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2] / "packaging"))

from hands import Hands
from scumble.app.window import build
from scumble.document import Document
from scumble.render import flatten
from scumble.settings.paths import Paths


def main() -> None:
    """The walk."""
    home = Path(sys.argv[1])
    program = build(Paths(home / "data", home / "config", home / "cache"))
    program.window.setGeometry(0, 0, 1280, 720)
    program.window.show()
    program.finish()
    hands = Hands(program.window)
    program.window.activateWindow()
    seen: dict[str, object] = {}
    try:
        hands.work(lambda: walk(program, hands, home, seen))
    finally:
        program.close()
    print(json.dumps(seen))


def walk(program, hands, home, seen):
    window, generation = program.window, program.generation
    candidates = generation.candidates
    hands.wait(lambda: generation.dock.models, "the models")
    seen["height"] = hands.see(window.height)
    seen["first"] = hands.see(lambda: window.focusWidget().text())
    picture = np.random.default_rng(3).integers(90, 110, (200, 300, 3), np.uint8)
    picture[90:110, 140:160] = 255
    Image.fromarray(picture).save(home / "dust.png")
    open_file(window, hands, home / "dust.png")
    opened = flat(hands, window)
    hands.click(generation.dock.picker.buttons["heal"])
    hands.key("l")
    hands.stroke((130, 80), (170, 80), (170, 120), (130, 120), steps=3)
    document = window.session.document
    ask(hands, candidates)
    steps = hands.see(lambda: document.history.names)
    hands.key("Delete")
    hands.wait(lambda: not candidates.offered, "the candidate to go")
    seen["let go"] = hands.see(lambda: document.history.names) == steps and bool((flat(hands, window) == opened).all())
    ask(hands, candidates)
    hands.hold("backslash")
    seen["compared"] = hands.see(lambda: candidates.comparing)
    hands.let_go("backslash")
    hands.key("Return")
    hands.wait(lambda: len(document.layers) == 2, "the layer")
    healed = flat(hands, window)
    seen["healed"] = int(healed[90:110, 140:160, :3].max())
    seen["outside"] = int((healed != opened).any(axis=2)[:40].sum())
    hands.key("ctrl+shift+s")
    hands.rest(1)
    hands.key("ctrl+a")
    hands.type(str(home / "dust.ora"))
    hands.key("Return")
    hands.wait(lambda: (home / "dust.ora").exists() and not window.session.modified, "the save")
    hands.key("ctrl+w")
    hands.wait(lambda: window.session is None, "the picture to be closed")
    open_file(window, hands, home / "dust.ora")
    seen["same again"] = bool((flat(hands, window) == healed).all())


def ask(hands, candidates):
    hands.key("ctrl+Return")
    hands.wait(lambda: candidates.shown is not None, "the candidate")


def open_file(window, hands, path):
    hands.key("ctrl+o")
    hands.rest(1)
    hands.type(str(path))
    hands.key("Return")
    hands.wait(lambda: window.session is not None, "the picture")
    hands.rest(1)


def flat(hands, window):
    def look():
        document: Document = window.session.document
        return flatten(document.snapshot(), document.bounds)

    return hands.see(look)


if __name__ == "__main__":
    main()
