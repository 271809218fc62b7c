"""A tour that the program gives by itself: the real window, the real engine, real files, and what each step took.

Everything is done as a person would do it, through the docks, the canvas and the commands. The person's own settings
and files are left alone.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from scumble.api import ParamValue, Picture, ScumbleError
from scumble.app import display
from scumble.app.window import Program, build
from scumble.document import BGRA8, Pixels
from scumble.document.edits import new_document
from scumble.files import export_document
from scumble.generation.masks import composite_mask
from scumble.render import flatten
from scumble.settings.paths import Paths
from scumble.ui.dialogs.new_picture import NewPicture
from scumble.ui.generate import Generation
from scumble.ui.generate.candidates import Result
from scumble.ui.generate.dock import GenerateDock
from scumble.ui.generate.inputs import PictureField
from scumble.ui.session import DocumentSession

PATIENCE = 300.0
"""Seconds after which a step that has not ended is given up."""

SIDE = 256
"""Of the picture that is made, in pixels."""

Say = Callable[[str], object]
Point = tuple[float, float]


def run(out: Path | None, say: Say) -> int:
    """Gives the tour and leaves its pictures in `out` (`scumble-demo` when None); returns the exit code.

    Raises `ScumbleError` when the folder cannot be written or a step fails.
    """
    folder = (out or Path("scumble-demo")).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScumbleError("file-unwritable", path=folder, reason=error.strerror or error) from error
    if not display.answers():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        say("No display answers; the window is drawn offscreen.")
    with tempfile.TemporaryDirectory(prefix="scumble-demo-") as home:
        root = Path(home)
        program = build(Paths(root / "data", root / "config", root / "cache"))
        try:
            Tour(program, folder, say).give()
        finally:
            program.close()
    say(f"All of it lies in {folder}")
    return 0


class Tour:
    """One walk through the program."""

    def __init__(self, program: Program, folder: Path, say: Say) -> None:
        self._program = program
        self._window = program.window
        self._folder = folder
        self._say = say

    def give(self) -> None:
        """All steps, in order."""
        with self._timed("Opened the window"):
            self._window.resize(1440, 900)
            self._window.show()
            self._program.finish()
            self._turn()
        with self._timed("Made a picture and started the engine"):
            self._program.files.create(NewPicture(SIDE, SIDE, (1.0, 1.0, 1.0)))
            self._turn()
            self._trigger("view.fit")
            self._wait(lambda: self._dock.chosen_model is not None, "the engine")
        style = self._invent_style()
        self._invent()
        self._paint()
        self._fill()
        self._restyle(style)
        self._save()
        self._enlarge()

    # Steps

    def _invent_style(self) -> Picture:
        prompt = "an oil painting of a meadow of flowers"
        with self._timed(f"Invented “{prompt}”, to borrow its style later"):
            result = self._generate("txt2img", {"prompt": prompt, "seed": 2})[0]
        self._generation.candidates.discard_all()
        self._export_picture(result.candidate.image, "1-style.png")
        return result.candidate.image

    def _invent(self) -> None:
        prompt = "a lake and mountains with clouds on a sunny day"
        with self._timed(f"Invented four times “{prompt}”"):
            self._generate("txt2img", {"prompt": prompt, "seed": 6, "batch": 4})
        self._shot("2-candidates.png")
        self._generation.strip.apply_shown()
        self._export("3-invented.png")

    def _paint(self) -> None:
        with self._timed("Painted a stroke"):
            self._window.tools.set_tool("brush")
            self._window.tools.set_foreground((1.0, 0.86, 0.5))
            self._window.tools.change_brush(size=5.0, hardness=0.5, opacity=0.7)
            self._trigger("layer.add")
            self._drag((64 + (16 + y / 4) * np.sin(y / 2.2), 140 + y) for y in np.arange(0, 44, 0.5))
        self._export("4-painted.png")

    def _fill(self) -> None:
        with self._timed("Painted a mask"):
            self._window.tools.set_tool("mask")
            self._window.tools.change_brush(size=64.0)
            self._drag((float(x), 224 + 6 * np.sin(x / 40)) for x in range(8, 249, 6))
        self._dock.pick("inpaint")
        self._turn()
        self._shot("5-mask.png")
        before = self._flat()
        prompt = "a field of purple flowers at night"
        with self._timed(f"Filled it with “{prompt}”"):
            result = self._generate("inpaint", {"prompt": prompt, "seed": 6})[0]
        self._shot("6-filled.png")
        self._generation.strip.apply_shown()
        changed = (self._flat() != before).any(axis=2)
        outside = changed & ~self._affected(result)
        self._say(
            f"  {changed.sum() - outside.sum()} pixels changed inside the outlined area, {outside.sum()} outside it"
        )
        self._trigger("select.none")
        self._export("7-filled.png")

    def _restyle(self, style: Picture) -> None:
        self._dock.pick("style")
        form = self._dock.form
        field = form.findChild(PictureField) if form is not None else None
        if field is None:
            raise ScumbleError("tool-needs-input", tool="style", input="style")
        field.choose_picture(style)
        with self._timed("Restyled it after the oil painting"):
            self._generate("style", {})
        self._shot("8-restyled.png")
        self._generation.strip.apply_shown()
        self._export("9-restyled.png")

    def _save(self) -> None:
        session = self._session
        path = self._folder / "picture.ora"
        saved: list[int] = []
        failures: list[ScumbleError] = []
        with self._timed("Saved the layers, masks and recipes as picture.ora"):
            self._program.files.saver.save(session, path, saved.append, failures.append)
            self._wait(lambda: bool(saved or failures), "the save")
        if failures:
            raise failures[0]
        session.mark_saved(saved[0], path)

    def _enlarge(self) -> None:
        with self._timed("Enlarged it twice"):
            self._generate("upscale", {})
        self._generation.strip.apply_shown()
        self._turn()
        self._trigger("view.fit")
        self._export("10-enlarged.png")
        self._shot("11-enlarged.png")

    # Hands and eyes

    @property
    def _generation(self) -> Generation:
        generation = self._program.generation
        if generation is None:
            raise ScumbleError("engine-unavailable", reason="the window was built without one")
        return generation

    @property
    def _dock(self) -> GenerateDock:
        return self._generation.dock

    @property
    def _session(self) -> DocumentSession:
        session = self._window.session
        if session is None:
            raise ScumbleError("internal", where="the demo")
        return session

    def _generate(self, tool: str, values: Mapping[str, ParamValue]) -> tuple[Result, ...]:
        """Fills the form in, presses Generate and waits; returns the candidates that came of it."""
        self._dock.pick(tool)
        form = self._dock.form
        if form is not None:
            form.set_values({**form.values(), **values})
        before = len(self._generation.candidates.offered)
        failures: list[ScumbleError] = []
        failed = self._generation.board.failed
        listening = failed.connect(lambda _job, failure: failures.append(failure.error()))
        self._dock.button.click()
        self._wait(lambda: bool(failures) or len(self._generation.candidates.offered) > before, tool)
        failed.disconnect(listening)
        if failures:
            raise failures[0]
        return self._generation.candidates.offered[before:]

    def _drag(self, points: Iterable[Point]) -> None:
        """Presses, drags and releases the left button along points of the document."""
        canvas = self._window.canvas
        if canvas is None:
            return
        path = [canvas.viewport.to_view(*point) for point in points]
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        self._mouse(canvas, QEvent.Type.MouseButtonPress, path[0], left, left)
        for point in path[1:]:
            self._mouse(canvas, QEvent.Type.MouseMove, point, none, left)
            self._turn()
        self._mouse(canvas, QEvent.Type.MouseButtonRelease, path[-1], left, none)
        self._turn()

    @staticmethod
    def _mouse(
        canvas: QWidget, kind: QEvent.Type, point: QPointF, button: Qt.MouseButton, held: Qt.MouseButton
    ) -> None:
        place = QPointF(canvas.mapToGlobal(point))
        event = QMouseEvent(kind, point, place, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(canvas, event)

    def _trigger(self, command: str) -> None:
        self._window.commands.action(command).trigger()
        self._turn()

    def _turn(self) -> None:
        """Lets the window do what is due."""
        for _ in range(3):
            self._program.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def _wait(self, done: Callable[[], bool], what: str) -> None:
        """Runs the window until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > deadline:
                raise ScumbleError("demo-stalled", what=what)
            self._program.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
        self._turn()

    def _flat(self) -> Pixels:
        document = self._session.document
        return flatten(document.snapshot(), document.bounds)

    def _affected(self, result: Result) -> NDArray[np.bool_]:
        """Where a fill may change pixels: the area that is outlined on the canvas, over the whole document."""
        bounds, box = self._session.document.bounds, result.prepared.anchor.box
        allowed = np.zeros((bounds.height, bounds.width), bool)
        if result.prepared.selection is not None:
            mask = composite_mask(result.prepared.selection, result.prepared.blend) > 0
            part = box & bounds
            allowed[part.slices(bounds)] = mask[part.slices(box)]
        return allowed

    def _shot(self, name: str) -> None:
        """Keeps a picture of the window."""
        self._turn()
        if self._window.canvas is not None:
            self._window.canvas.complete()
        self._window.grab().save(str(self._folder / f"window-{name}"))

    def _export_picture(self, picture: Picture, name: str) -> None:
        height, width = picture.shape[:2]
        document = new_document(width, height, BGRA8, background=None, name=name)
        with document.history.transaction(name) as edit:
            edit.put(document.paint_layer(document.layers[0].id).surface, document.bounds, BGRA8.from_straight(picture))
        export_document(document.snapshot(), self._folder / name)

    def _export(self, name: str) -> None:
        export_document(self._session.document.snapshot(), self._folder / name)

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        begin = time.monotonic()
        yield
        self._say(f"{time.monotonic() - begin:6.1f} s  {what}")
