"""Painting together: a brush chooses, place by place, which of several candidates is to be seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter

from scumble.api import Candidate, Mask, ScumbleError
from scumble.document import BGRA8, ChangeSet, Document, LayerId, Pixels, Rect
from scumble.generation import Prepared, as_applied, composite_mask
from scumble.generation.blend import picture_in_box, placed
from scumble.paint import Stroke
from scumble.paint.together import Together
from scumble.render import flatten
from scumble.render.profile import Profile
from scumble.tools import Pointer
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.canvas.mode import CanvasMode
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.generate.candidates import Result
from scumble.ui.generate.overlays import through
from scumble.ui.toolstate import ToolState

MOST: Final = 9
"""So many candidates have a number key each."""

TOOL: Final = "brush"
"""The tool whose brush paints, and which is in hand meanwhile."""

_RESIZING: Final = {Qt.Key.Key_BracketLeft: -1, Qt.Key.Key_BracketRight: 1}


class TogetherOverlay:
    """What the candidates make together, in place, as it would be seen as a layer."""

    def __init__(self, together: Together, box: Rect, mask: Mask | None, profile: Profile) -> None:
        self._together = together
        self._mask = mask
        self._profile = profile
        self.box = box
        self._shown = np.zeros((box.height, box.width, 4), np.uint8)
        self._image = QImage(
            self._shown.data, box.width, box.height, self._shown.strides[0], QImage.Format.Format_ARGB32_Premultiplied
        )
        self.take(together.document.bounds)

    def take(self, part: Rect) -> Rect:
        """Takes over what changed in a part of the box; where that is in the document."""
        part = part & self._together.document.bounds
        pixel_format = self._together.document.format
        pixels = self._profile.converted(self._together.read(part), pixel_format)
        if pixel_format != BGRA8:
            pixels = (pixels >> 8).astype(np.uint8)[..., _order(pixel_format.order)]
        rows, columns = part.slices(self._together.document.bounds)
        self._shown[rows, columns] = pixels if self._mask is None else through(pixels, self._mask[rows, columns])
        return part.translated(self.box.x, self.box.y)

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws it; pixels stay square from 200 % on, as the canvas's own do."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.zoom < 2 or viewport.crooked)
        if viewport.turned:
            painter.setTransform(viewport.turning, True)
        painter.drawImage(viewport.upright.to_view_rect(self.box), self._image)


class TogetherMode(CanvasMode):
    """`changed` says that another candidate is painted from. Number keys choose it; Enter makes one layer of all.

    What else wants to change the document applies what was painted, and gives it up where nothing was. Raises
    `together-few` for fewer than two candidates, `together-apart` where they are not of one place.
    """

    changed = Signal()

    def __init__(
        self,
        canvas: Canvas,
        tools: ToolState,
        results: Sequence[Result],
        apply: Callable[[Sequence[Result], Pixels], LayerId],
    ) -> None:
        check(results)
        super().__init__(canvas)
        self._tools = tools
        self._apply = apply
        self._before = tools.tool
        self.results = tuple(results)
        self._source = 1
        self._closed = False
        self._stroke: Stroke | None = None
        made = [result.placed() for result in results]
        prepared = made[0][0]
        document = canvas.session.document
        self.together = Together([as_seen(document, *parts) for parts in made], document.format)
        mask = None
        if prepared.tool.result == "masked-layer" and prepared.selection is not None:
            mask = composite_mask(prepared.selection, prepared.blend)
        box = placed(prepared.anchor.box, document.bounds)
        self._overlay = TogetherOverlay(self.together, box, mask, canvas.profile)
        self.together.document.changed.connect(self._on_painted)
        canvas.add_overlay(self._overlay)
        tools.set_tool(TOOL)
        tools.tool_changed.connect(self._on_tool)
        canvas.session.begin_interaction(self.finish)

    @property
    def source(self) -> int:
        """Which of the candidates is painted from, counted from 0."""
        return self._source

    def choose(self, source: int) -> None:
        """Paints from another one."""
        if 0 <= source < len(self.results) and source != self._source:
            self._source = source
            self.changed.emit()

    def press(self, pointer: Pointer) -> None:
        """Begins a stroke; Alt paints the first one back."""
        source = 0 if pointer.alt else self._source
        self._stroke = self.together.begin(source, self._tools.brush_of(TOOL))
        self.drag(pointer)

    def drag(self, pointer: Pointer) -> None:
        """Goes on with it."""
        if self._stroke is not None:
            sample, box = pointer.sample, self._overlay.box
            self._stroke.add(replace(sample, x=sample.x - box.x, y=sample.y - box.y))

    def release(self, pointer: Pointer) -> None:
        """Ends it."""
        self._stroke = None
        self.together.end()

    def step_back(self) -> None:
        """Takes the last stroke back."""
        self.together.document.history.undo()

    def step_forth(self) -> None:
        """And does it again."""
        self.together.document.history.redo()

    def apply(self) -> None:
        """One layer of all."""
        if self._end():
            self._apply(self.results, self.together.pixels)

    def give_up(self) -> None:
        """All stays as it is; the candidates wait on."""
        self._end()

    def finish(self) -> None:
        """Painting is work: it is not lost because something else begins."""
        self.together.end()
        if self.together.touched:
            self.apply()
        else:
            self.give_up()

    def _on_key(self, event: QKeyEvent) -> bool:
        number = event.key() - Qt.Key.Key_1
        step = _RESIZING.get(Qt.Key(event.key()))
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if not plain or (step is None and not 0 <= number < len(self.results)):
            return super()._on_key(event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.type() == QEvent.Type.KeyPress and step is not None:
            self._tools.resize_brush(step)
        elif event.type() == QEvent.Type.KeyPress:
            self.choose(number)
        return True

    def _on_painted(self, change: ChangeSet) -> None:
        if not change.area.empty:
            self.canvas.update_area(self._overlay.take(change.area))

    def _on_tool(self, tool: str) -> None:
        if tool != TOOL:
            self._before = tool
            self.finish()

    def _end(self) -> bool:
        if self._closed:
            return False
        self._closed = True
        self.together.end()
        self._tools.tool_changed.disconnect(self._on_tool)
        self.canvas.session.end_interaction()
        self.canvas.remove_overlay(self._overlay)
        self._tools.set_tool(self._before)
        super().close()
        self.ended.emit()
        return True


def as_seen(document: Document, prepared: Prepared, candidate: Candidate) -> Pixels:
    """A candidate as stored pixels of its box, in the colours that it would have as a layer."""
    image = as_applied(document, prepared, candidate.image, flatten)
    return picture_in_box(document, prepared, replace(candidate, image=image))


def check(results: Sequence[Result]) -> None:
    """Raises `ScumbleError` where candidates cannot be painted together."""
    if not 2 <= len(results) <= MOST:
        raise ScumbleError("together-few", most=MOST)
    if not all(result.in_place for result in results) or len({_place(result) for result in results}) > 1:
        raise ScumbleError("together-apart")


def can_join(results: Sequence[Result]) -> bool:
    """Whether they can be."""
    try:
        check(results)
    except ScumbleError:
        return False
    return True


def _place(result: Result) -> tuple[object, Rect]:
    return result.session, result.placed()[0].anchor.box


def _order(order: tuple[int, int, int, int]) -> list[int]:
    """Blue, green, red and alpha by their places in a format."""
    red, green, blue, alpha = order
    return [blue, green, red, alpha]
