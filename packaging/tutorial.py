"""Eight fills through the real window, with a still of each step: `python packaging/tutorial.py stills`.

The picture is one of the drawn world of the starter model, a little softened and with grain; a person's settings and
files are left alone. With `--docs docs/inpainting` the stills of the tutorial are written there as well.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox

from scumble.app import display
from scumble.app.demo import Tour
from scumble.app.window import build
from scumble.paint.reshape import crop
from scumble.settings.paths import Paths
from scumble.ui.generate.prompt import PromptField
from scumble.ui.reshaping import reshape

sys.path.insert(0, str(Path(__file__).parent / "starter_model"))

from world import compose, draw

SCENE: Final = 65
"""The seed of a lake with green mountains."""

BUOY: Final = (150, 300)
"""Where something lies in the water that is to go."""

SIDE, TOP, HEIGHT = 512, 56, 400
"""The picture is drawn at this side; rows from `TOP` on are kept."""

REST: Final = 300
"""Milliseconds."""

WIDTH: Final = 1200
"""Of a still in the tutorial, in pixels."""

MEADOW: Final = "a meadow of flowers, green grass"

STEPS: Final = 12
"""Of each fill; the starter model draws hardly better with more."""

MORE: Final = 96
"""So many columns the canvas is expanded by."""

KEPT: Final = (
    "02-selected",
    "03-removed",
    "04-candidates",
    "07-blended",
    "09-together",
    "10-mask",
    "15-expanded",
    "17-done",
)
"""The stills of the tutorial."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the document."""


class Tutorial(Tour):
    """The steps of the tutorial, in order."""

    def give(self) -> None:
        """All steps."""
        self._open()
        self._remove()
        self._add()
        self._blend()
        self._touch_up()
        self._heal()
        self._paint_together()
        self._fill_by_mask()
        self._refine()
        self._vary()
        self._expand()
        self._undo()

    # Steps

    def _open(self) -> None:
        window = self._window
        window.resize(1440, 900)
        window.show()
        self._program.finish()
        self._turn()
        path = self._folder / "lake.png"
        Image.fromarray(photograph()).save(path)
        with self._timed("Opened the picture and started the engine"):
            self._program.files.open_paths([path])
            self._wait(lambda: window.session is not None and self._dock.chosen_model is not None, "the engine")
        self._trigger("view.fit")
        self._dock.pick("inpaint")
        self._shot("01-open.png")

    def _remove(self) -> None:
        self._rectangle((118, 262, 182, 332))
        self._shot("02-selected.png")
        with self._filled("Removed the buoy", "a lake", mode="remove", seed=3):
            self._shot("03-removed.png")

    def _add(self) -> None:
        self._rectangle((256, 336, 506, 396))
        with self._filled("Added a meadow", MEADOW, mode="fill", seed=4, batch=3):
            self._shot("04-candidates.png")
            self._key(Qt.Key.Key_Right)
            self._trigger("candidates.star")
            self._shot("05-walked.png")
        self._generation.candidates.discard_all()
        self._trigger("select.none")

    def _touch_up(self) -> None:
        with self._timed("Touched it up with the brush"):
            self._trigger("layer.add")
            self._trigger("tool.brush")
            self._settle()
            self._window.tools.set_foreground((0.78, 0.9, 0.95))
            self._window.tools.change_brush(size=3.0, hardness=0.6, opacity=0.8)
            for y in (296, 305, 316):
                self._drag((float(x), y + 1.5 * np.sin(x / 9)) for x in range(330, 400, 5))
        self._shot("06-touched-up.png")

    def _blend(self) -> None:
        layers = self._session.document.layers
        self._session.document.activate(layers[-1].id)
        self._turn()
        panel = self._generation.recipe.blend
        QTest.mouseClick(panel.section.heading, Qt.MouseButton.LeftButton)
        self._settle()
        row = panel.edge.rows["feather"][0]
        with self._timed("Blended it anew"):
            row.setSliderDown(True)
            row.setValue(14)
            self._turn()
            row.setSliderDown(False)
        self._turn()
        self._shot("07-blended.png")
        QTest.mouseClick(panel.section.heading, Qt.MouseButton.LeftButton)

    def _heal(self) -> None:
        self._rectangle((20, 225, 110, 262))
        self._dock.pick("heal")
        with self._filled("Healed some of the waves", None):
            self._shot("08-healed.png")
        self._dock.pick("inpaint")

    def _paint_together(self) -> None:
        self._rectangle((300, 8, 490, 70))
        self._run("Asked for clouds", "a blue sky with white clouds", mode="fill", seed=11, batch=3)
        self._wait(lambda: not self._generation.board.jobs, "the clouds")
        results = self._generation.candidates.offered[-2:]
        self._generation.strip.list.selectAll()
        self._turn()
        self._trigger("candidates.together")
        self._window.tools.change_brush(size=60.0)
        self._settle()
        self._drag((float(x), 40.0) for x in range(310, 390, 8))
        self._shot("09-together.png")
        self._key(Qt.Key.Key_Return)
        self._generation.candidates.discard_all()
        self._say(f"  {len(results)} candidates became a layer")

    def _fill_by_mask(self) -> None:
        self._trigger("select.none")
        self._trigger("tool.mask")
        self._settle()
        self._window.tools.change_brush(size=44.0)
        self._drag((float(x), 372 + 6 * np.sin(x / 40)) for x in range(10, 250, 8))
        self._shot("10-mask.png")
        with self._filled("Filled a painted mask", MEADOW, mode="fill", seed=4):
            self._shot("11-meadow.png")

    def _refine(self) -> None:
        with self._filled("Refined it", MEADOW, mode="refine", seed=9):
            self._shot("12-refined.png")

    def _vary(self) -> None:
        with self._filled("Varied it", MEADOW, mode="vary", seed=-1):
            self._shot("13-varied.png")
        self._trigger("select.none")

    def _expand(self) -> None:
        bounds = self._session.document.bounds
        wider = crop(replace(bounds, width=bounds.width + MORE), keep_outside=True)
        reshape(self._window, self._session, replace(wider, select_new=True), "Expand canvas")
        self._turn()
        self._trigger("view.fit")
        self._shot("14-expanded.png")
        with self._filled("Went on with the picture", "a lake and green mountains, blue sky", seed=6):
            self._shot("15-expanded.png")
        self._trigger("select.none")

    def _undo(self) -> None:
        after = self._flat()
        steps = self._session.document.history.position
        for _ in range(steps):
            self._trigger("edit.undo")
        self._trigger("view.fit")
        self._shot("16-undone.png")
        for _ in range(steps):
            self._trigger("edit.redo")
        self._trigger("view.fit")
        self._say(f"  {steps} steps undone and done again, {int((self._flat() != after).sum())} values differ")
        self._shot("17-done.png")
        self._export("lake-after.png")

    # Hands

    def _settle(self) -> None:
        """Lets docks, outlines and hints come to rest, which wait a little for more to happen."""
        QTest.qWait(REST)

    def _shot(self, name: str) -> None:
        self._settle()
        super()._shot(name)

    def _rectangle(self, box: Box) -> None:
        """Draws a rectangle with the tool that selects."""
        self._settle()
        self._trigger("tool.select")
        left, top, right, bottom = box
        self._drag([(left, top), ((left + right) / 2, (top + bottom) / 2), (right, bottom)])

    @contextmanager
    def _filled(
        self, what: str, prompt: str | None, *, mode: str = "auto", seed: int = 1, batch: int = 1
    ) -> Iterator[None]:
        """Generates; what is done inside is done while the first candidate is shown; then Enter applies it."""
        before = self._flat()
        self._run(what, prompt, mode=mode, seed=seed, batch=batch)
        yield
        shown = self._generation.candidates.shown
        self._key(Qt.Key.Key_Return)
        if shown is not None:
            outside = (self._flat() != before).any(axis=2) & ~self._affected(shown)
            self._say(f"  {outside.sum()} pixels changed outside the outlined area")

    def _run(self, what: str, prompt: str | None, *, mode: str, seed: int, batch: int) -> None:
        form = self._dock.form
        assert form is not None
        if prompt is not None:
            self._pick_mode(mode)
            form.set_values({**form.values(), "seed": seed, "batch": batch, "steps": STEPS})
            field = form.fields["prompt"]
            assert isinstance(field, PromptField)
            self._trigger("generate.prompt")
            field.edit.selectAll()
            QTest.keyClicks(field.edit, prompt)
        candidates = self._generation.candidates
        count = len(candidates.offered)
        with self._timed(what):
            QTest.mouseClick(self._dock.button, Qt.MouseButton.LeftButton)
            self._wait(lambda: len(candidates.offered) > count or self._dock.message.isVisible(), what)
        if len(candidates.offered) == count:
            self._say(f"  refused: {self._dock.message.text.text()}")

    def _pick_mode(self, mode: str) -> None:
        """As a hand does, so that the mode's strength comes with it."""
        form = self._dock.form
        assert form is not None
        combo = form.fields["mode"].findChild(QComboBox)
        assert combo is not None
        combo.setCurrentIndex(combo.findData(mode))
        combo.activated.emit(combo.currentIndex())

    def _key(self, key: Qt.Key) -> None:
        canvas = self._window.canvas
        QTest.keyClick(QApplication.focusWidget() or canvas or self._window, key)
        self._turn()


def photograph() -> NDArray[np.uint8]:
    """The scene as if it had been taken: `(HEIGHT, SIDE, 3)`, a little soft, with grain."""
    drawn = draw(compose(SCENE, "flat"), SIDE)[TOP : TOP + HEIGHT]
    drawn = cv2.circle(np.ascontiguousarray(drawn), BUOY, 15, (214, 52, 40), -1, cv2.LINE_AA)
    drawn = cv2.ellipse(drawn, BUOY, (15, 5), 0, 0, 360, (240, 240, 240), -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(drawn, (0, 0), 1.2).astype(np.float32)
    grain = np.random.default_rng(SCENE).normal(0.0, 3.0, soft.shape[:2]).astype(np.float32)
    return np.clip(soft + grain[..., None], 0, 255).astype(np.uint8)


def publish(stills: Path, docs: Path) -> None:
    """Scales the stills of the tutorial and puts them into the documentation."""
    docs.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        with Image.open(stills / f"window-{name}.png") as still:
            small = still.convert("RGB").resize((WIDTH, WIDTH * still.height // still.width), Image.Resampling.LANCZOS)
        small.save(docs / f"{name}.webp", quality=82, method=6)


def main() -> None:
    """Gives the tour and keeps its stills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--docs", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if not display.answers():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(prefix="scumble-tutorial-") as home:
        root = Path(home)
        program = build(Paths(root / "data", root / "config", root / "cache"))
        try:
            Tutorial(program, options.out.absolute(), print).give()
        finally:
            program.close()
    if options.docs is not None:
        publish(options.out, options.docs)


if __name__ == "__main__":
    main()
