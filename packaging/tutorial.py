"""An afternoon with Scumble, by mouse and keys on a real display: `python packaging/tutorial.py stills`.

Needs X and `xdotool`, for instance `xvfb-run -s "-screen 0 1440x900x24" python packaging/tutorial.py stills`. The
picture is one of the drawn world of the starter model, a little softened and with grain; a person's settings and files
are left alone. With `--docs docs/inpainting` the stills of the tutorial are written there as well.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from hands import Hands, Point
from scumble.app.demo import Tour
from scumble.app.window import Program, build
from scumble.settings.paths import Paths
from scumble.ui.cropbar import CropBar
from scumble.ui.docks.colour import ColourDock
from scumble.ui.docks.layer_view import LayerView
from scumble.ui.generate.form import ParamForm

sys.path.insert(0, str(Path(__file__).parent / "starter_model"))

from world import compose, draw

SCENE: Final = 65
"""The seed of a lake with green mountains."""

BUOY: Final = (150, 300)
"""Where something lies in the water that is to go."""

SIDE, TOP, HEIGHT = 512, 56, 400
"""The picture is drawn at this side; rows from `TOP` on are kept."""

WIDTH: Final = 1200
"""Of a still in the tutorial, in pixels."""

MEADOW: Final = "a meadow of flowers, green grass"

STEPS: Final = 12
"""Of each fill; the starter model draws hardly better with more."""

MORE: Final = 96
"""So many columns the canvas is expanded by."""

KEPT: Final = (
    "02-selected",
    "04-removed",
    "06-candidates",
    "08-blended",
    "11-together",
    "14-mask",
    "16-regions",
    "19-words",
    "22-expanded",
    "23-live",
)
"""The stills of the tutorial."""


class Tutorial(Tour):
    """The steps of the tutorial, in order. What the `Tour` finds out is asked for on the window's thread."""

    def __init__(self, program: Program, folder: Path, hands: Hands) -> None:
        super().__init__(program, folder, print)
        self._hands = hands
        self._fills = 0

    def give(self) -> None:
        """All steps."""
        self._open()
        opened = self._seen()
        for step in (
            self._remove,
            self._add,
            self._blend,
            self._touch_up,
            self._heal,
            self._paint_together,
            self._fill_quick_mask,
            self._fill_by_mask,
            self._fill_regions,
            self._vary,
            self._change_words,
            self._expand,
            self._paint_live,
        ):
            step()
        self._undo(opened)
        self._save_and_open_again()

    # Steps

    def _open(self) -> None:
        hands = self._hands
        hands.rest(2)
        hands.wait(lambda: self._dock.chosen_model is not None, "the engine")
        path = self._folder / "lake.png"
        Image.fromarray(photograph()).save(path)
        self._keep("00-start")
        with self._timed("Opened the picture"):
            self._open_file(path)
        hands.click(self._dock.picker.buttons["inpaint"])
        hands.write(self._spin("steps"), str(STEPS))
        self._keep("01-open")

    def _remove(self) -> None:
        self._hands.key("l")
        self._hands.stroke(
            (118, 270), (150, 258), (182, 270), (188, 302), (176, 334), (124, 334), (112, 302), (118, 270)
        )
        self._keep("02-selected")
        self._hands.choose(self._form.fields["mode"].combo, "remove")
        with self._filled("Removed the buoy", "a lake", seed=3):
            self._keep("04-removed")

    def _add(self) -> None:
        self._rectangle((256, 336), (506, 396))
        self._hands.choose(self._form.fields["mode"].combo, "fill")
        with self._filled("Added a meadow", MEADOW, seed=4, pictures=3):
            self._hands.key("Right")
            self._hands.key("asterisk")
            self._keep("06-candidates")
            self._hands.hold("backslash")
            self._keep("07-compared")
            self._hands.let_go("backslash")
        self._clear()

    def _blend(self) -> None:
        panel = self._generation.recipe.blend
        self._hands.click(panel.section.heading, QRect(4, 4, 60, 16))
        slider = panel.edge.rows["feather"][0]
        with self._timed("Blended it anew"):
            self._hands.slide(slider, 24)
        self._keep("08-blended")
        self._hands.click(panel.section.heading, QRect(4, 4, 60, 16))

    def _touch_up(self) -> None:
        hands = self._hands
        with self._timed("Touched it up with the brush"):
            hands.key("Insert")
            hands.key("b")
            hands.key("bracketleft", 7)
            hands.click(*self._swatch(8))
            for y in (296, 305, 316):
                hands.stroke(*((float(x), y + 1.5 * float(np.sin(x / 9))) for x in range(330, 400, 10)), steps=2)
        self._keep("09-touched-up")
        hands.key("ctrl+z", 4)

    def _heal(self) -> None:
        self._rectangle((20, 225), (110, 262))
        self._hands.click(self._dock.picker.buttons["heal"])
        with self._filled("Healed some of the waves"):
            self._keep("10-healed")
        self._clear()
        self._hands.click(self._dock.picker.buttons["inpaint"])

    def _paint_together(self) -> None:
        hands = self._hands
        self._rectangle((300, 8), (490, 70))
        with self._filled("Painted two skies together", "a blue sky with white clouds", seed=11, pictures=3):
            cards = self._generation.strip.list
            hands.click(cards.viewport(), hands.see(lambda: cards.visualItemRect(cards.item(0))))
            hands.hold("shift")
            hands.click(cards.viewport(), hands.see(lambda: cards.visualItemRect(cards.item(2))))
            hands.let_go("shift")
            hands.key("ctrl+shift+t")
            hands.key("2")
            hands.stroke((310, 40), (390, 40))
            self._keep("11-together")
        self._clear()

    def _fill_quick_mask(self) -> None:
        hands = self._hands
        hands.key("w")
        hands.click(hands.on_canvas((60, 30))[0])
        hands.wait(lambda: not self._session.document.selection_bounds.empty, "the wand")
        hands.key("q")
        hands.key("b")
        hands.key("bracketright", 4)
        hands.stroke((300, 40), (500, 40))
        self._keep("12-quick-mask")
        hands.key("q")
        hands.choose(self._form.fields["mode"].combo, "refine")
        with self._filled("Refined the sky", "a blue sky", seed=9):
            self._keep("13-refined")
        self._clear()

    def _fill_by_mask(self) -> None:
        hands = self._hands
        hands.key("m")
        hands.stroke((20, 376), (130, 372), (230, 378))
        self._keep("14-mask")
        hands.choose(self._form.fields["mode"].combo, "fill")
        with self._filled("Filled a painted mask", MEADOW, seed=4):
            self._keep("15-meadow")
        self._clear()

    def _fill_regions(self) -> None:
        hands, panel = self._hands, self._generation.regions
        if not hands.see(lambda: panel.section.shown):
            hands.click(panel.section.heading, QRect(4, 4, 60, 16))
        for place, words in (((8, 6), (230, 62)), "white clouds"), (((190, 225), (420, 300)), "a meadow of flowers"):
            self._rectangle(*place)
            hands.click(panel.add_button)
            hands.type(words)
            hands.key("Return")
            hands.key("Escape")
            hands.key("ctrl+shift+a")
        self._keep("16-regions")
        with self._filled("Drew two regions", "a lake and mountains", seed=8):
            self._keep("17-two-lands")
        hands.click(panel.section.heading, QRect(4, 4, 60, 16))
        self._clear()

    def _vary(self) -> None:
        bar = self._generation.recipe.bar
        self._choose_layer(MEADOW)
        with self._made("Varied the older meadow"):
            self._hands.click(bar.vary)
        self._keep("18-varied")
        self._hands.key("Return")

    def _change_words(self) -> None:
        bar = self._generation.recipe.bar
        with self._made("Gave it other words"):
            self._hands.click(bar.words)
            self._hands.type("a beach of yellow sand")
            self._keep("19-words")
            self._hands.key("Return")
        self._keep("20-other-words")
        self._hands.key("Return")

    def _expand(self) -> None:
        hands, bounds = self._hands, self._session.document.bounds
        hands.key("ctrl+minus")
        hands.key("c")
        hands.rest()
        right, middle = float(bounds.width), bounds.height / 2
        hands.stroke((right, middle), (right + MORE, middle))
        for box in hands.see(
            lambda: [bar.fill for bar in self._window.findChildren(CropBar) if not bar.fill.isChecked()]
        ):
            hands.click(box)
        self._keep("21-dragged")
        hands.key("Return")
        hands.wait(lambda: self._session.document.width > bounds.width, "the wider canvas")
        hands.key("2")
        with self._filled("Went on with the picture", "a lake and green mountains, blue sky", seed=6):
            self._keep("22-expanded")
        self._clear()

    def _paint_live(self) -> None:
        hands, live = self._hands, self._generation.live
        hands.key("m")
        hands.stroke((520, 330), (570, 330))
        hands.key("ctrl+alt+l")
        hands.wait(lambda: live.shown is not None, "the first live picture")
        hands.key("b")
        hands.click(*self._swatch(30))
        hands.stroke((510, 330), (545, 318), (580, 335))
        hands.rest(4)
        self._keep("23-live")
        hands.click(self._generation.live_panel.take)
        self._fills += 1
        hands.key("ctrl+alt+l")
        self._clear()

    def _undo(self, opened: NDArray[np.uint8]) -> None:
        history = self._session.document.history
        after, steps = self._seen(), self._hands.see(lambda: history.position)
        self._hands.key("ctrl+z", steps)
        self._hands.wait(lambda: history.position == 0, "the first step")
        same = np.array_equal(self._seen(), opened)
        self._hands.key("2")
        self._keep("24-undone")
        self._hands.key("ctrl+shift+z", steps)
        self._hands.wait(lambda: history.position == steps, "the last step")
        self._hands.key("2")
        again = np.array_equal(self._seen(), after)
        self._say(
            f"  {steps} steps undone: {'as it was opened' if same else 'NOT AS IT WAS OPENED'}; "
            f"done again: {'as it was' if again else 'NOT AS IT WAS'}; {self._fills} fills"
        )
        self._keep("25-done")

    def _save_and_open_again(self) -> None:
        hands, path = self._hands, self._folder / "lake.ora"
        path.unlink(missing_ok=True)
        before = self._seen()
        hands.key("ctrl+shift+s")
        hands.rest(1)
        hands.key("ctrl+a")
        hands.type(str(path))
        hands.key("Return")
        hands.wait(lambda: path.exists() and not self._session.modified, "the save")
        hands.key("ctrl+w")
        hands.wait(lambda: self._window.session is None, "the picture to be closed")
        self._keep("26-closed")
        self._open_file(path)
        hands.rest(1)
        same = np.array_equal(self._seen(), before)
        self._say(f"  Opened again: {'the same' if same else 'NOT THE SAME'}")
        self._keep("27-opened-again")

    # What hands do more than once

    @property
    def _form(self) -> ParamForm:
        form = self._dock.form
        assert form is not None
        return form

    def _spin(self, name: str) -> QAbstractSpinBox:
        spin = self._form.fields[name].findChild(QAbstractSpinBox)
        assert isinstance(spin, QAbstractSpinBox)
        return spin

    def _swatch(self, place: int) -> tuple[QWidget, QRect]:
        """A colour of the palette."""
        dock = self._window.findChild(ColourDock)
        assert dock is not None
        view = dock.palette_panel.view
        return view.viewport(), self._hands.see(lambda: view.visualRect(view.model().index(place, 0)))

    def _open_file(self, path: Path) -> None:
        self._hands.key("ctrl+o")
        self._hands.rest(1)
        self._hands.type(str(path))
        self._hands.key("Return")
        self._hands.wait(lambda: self._window.session is not None, "the picture")
        self._hands.rest(1)

    def _rectangle(self, start: Point, end: Point) -> None:
        self._hands.key("r")
        self._hands.stroke(start, end)

    def _clear(self) -> None:
        """Nothing is selected, and no candidate waits."""
        if self._hands.see(lambda: bool(self._generation.candidates.offered)):
            self._hands.click(self._generation.strip.clear_button)
        self._hands.wait(lambda: not self._generation.strip_widget.isVisible(), "the strip to go")
        self._hands.key("ctrl+shift+a")
        self._hands.wait(lambda: self._session.document.selection_bounds.empty, "nothing to be selected")
        self._hands.rest()

    def _choose_layer(self, name: str) -> None:
        """Clicks the uppermost layer of that name."""
        view = self._window.findChild(LayerView)
        assert view is not None

        def row() -> QRect:
            model = view.model()
            places = (model.index(row, 0) for row in range(model.rowCount()))
            index = next(index for index in places if str(index.data()).startswith(name))
            view.scrollTo(index)
            return view.visualRect(index)

        place = self._hands.see(row)
        self._hands.click(view.viewport(), QRect(place.center(), place.bottomRight()))

    @contextmanager
    def _filled(self, what: str, prompt: str | None = None, *, seed: int = 0, pictures: int = 1) -> Iterator[None]:
        """Asks for a fill; what is done inside is done while the first candidate is shown; then Enter applies it."""
        hands = self._hands
        if prompt is not None:
            hands.write(self._spin("batch"), str(pictures))
            hands.write(self._form.fields["seed"].spin, str(seed))
            hands.key("ctrl+p")
            hands.key("ctrl+a")
            hands.type(prompt)
        before = self._seen()
        with self._made(what):
            hands.key("ctrl+Return")
        shown = hands.see(lambda: self._generation.candidates.shown)
        yield
        hands.key("Return")
        hands.rest(0.6)
        if shown is not None:
            allowed = hands.see(lambda: self._affected(shown))
            outside = (self._seen() != before).any(axis=2) & ~allowed
            self._say(f"  {outside.sum()} pixels changed outside the outlined area")

    @contextmanager
    def _made(self, what: str) -> Iterator[None]:
        """Waits for a candidate that is asked for inside."""
        candidates, board = self._generation.candidates, self._generation.board
        count = self._hands.see(lambda: len(candidates.offered))
        with self._timed(what):
            yield
            self._hands.wait(
                lambda: (len(candidates.offered) > count and not board.jobs) or self._dock.message.isVisible(), what
            )
        self._hands.rest()
        if self._hands.see(lambda: len(candidates.offered)) > count:
            self._fills += 1
        else:
            self._say(f"  REFUSED: {self._hands.see(self._dock.message.text.text)}")

    def _seen(self) -> NDArray[np.uint8]:
        """The picture as it is."""
        return self._hands.see(self._flat)

    def _keep(self, name: str) -> None:
        self._hands.still().save(str(self._folder / f"{name}.png"))


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
        with Image.open(stills / f"{name}.png") as still:
            small = still.convert("RGB").resize((WIDTH, WIDTH * still.height // still.width), Image.Resampling.LANCZOS)
        small.save(docs / f"{name}.webp", quality=82, method=6)


def main() -> None:
    """Gives the tour and keeps its stills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--docs", type=Path)
    parser.add_argument("--size", default="1440x900", help="of the window, in device-independent pixels")
    parser.add_argument("--theme", default="dark")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="scumble-tutorial-") as home:
        root = Path(home)
        program = build(Paths(root / "data", root / "config", root / "cache"))
        window = program.window
        window.settings.set("ui.theme", options.theme)
        window.setGeometry(0, 0, *(int(side) for side in options.size.split("x")))
        window.show()
        program.finish()
        try:
            hands = Hands(window)
            window.activateWindow()
            hands.work(Tutorial(program, options.out.absolute(), hands).give)
        finally:
            program.close()
    if options.docs is not None:
        publish(options.out, options.docs)


if __name__ == "__main__":
    main()
