"""Parts of several pictures of one place made one, stroke by stroke."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scumble.document import Document, PaintLayer, PixelFormat, Pixels, Rect, Transaction
from scumble.document.edits import add_layer
from scumble.paint.brush import Brush
from scumble.paint.dabs import Dabs
from scumble.paint.mix import mix
from scumble.paint.stroke import Stroke


class Together:
    """Pictures `(h, w, 4)` of one size, stored, of which a brush chooses parts; at first it is all the first one.

    `document` holds what they make together in a layer of its own, with a history of its own strokes. Where a stroke
    covers wholly, its picture shows bit for bit; where it covers in part, the two are mixed.
    """

    def __init__(self, pictures: Sequence[Pixels], pixel_format: PixelFormat) -> None:
        height, width = pictures[0].shape[:2]
        if any(picture.shape != pictures[0].shape for picture in pictures):
            raise ValueError("the pictures are not of one size")
        self._pictures: Final = tuple(pictures)
        self._dabs = Dabs()
        self._stroke: tuple[Transaction, Stroke] | None = None
        self.document = Document(width, height, pixel_format)
        add_layer(self.document, "", pixels=pictures[0])
        self.document.history.clear()

    @property
    def pixels(self) -> Pixels:
        """What they make together, a copy."""
        return self.read(self.document.bounds)

    @property
    def touched(self) -> bool:
        """Whether there is a stroke."""
        return self.document.history.position > 0

    def read(self, part: Rect) -> Pixels:
        """A copy of a part of it."""
        return self.document.surface(self._layer.surface).read(part)

    def begin(self, source: int, brush: Brush) -> Stroke:
        """Begins a stroke that lays one of the pictures, until `end`."""
        self.end()
        edit = self.document.history.transaction("")
        ink = _Instead(self._pictures[source], self.document.bounds)
        stroke = Stroke(self.document, edit, self._layer.surface, brush, dabs=self._dabs, ink=ink)
        self._stroke = edit, stroke
        return stroke

    def end(self) -> None:
        """Ends the stroke, if there is one."""
        if self._stroke is not None:
            edit, stroke = self._stroke
            self._stroke = None
            stroke.end()
            edit.commit()

    @property
    def _layer(self) -> PaintLayer:
        layer = self.document.layers[0]
        assert isinstance(layer, PaintLayer)
        return layer


class _Instead:
    """Ink that puts a picture in the place of what was there, its transparency too."""

    erases = False

    def __init__(self, picture: Pixels, bounds: Rect) -> None:
        self._picture = picture
        self._bounds = bounds

    def lay(self, below: Pixels, coverage: Pixels, part: Rect) -> Pixels:
        """Moves the pixels towards the picture's."""
        return mix(below, self._picture[part.slices(self._bounds)], coverage)
