"""Where a result belongs once its document has been reshaped: the box and all in it go along."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.api import Picture, ToolJob
from scumble.document import Document, Group, LayerId, Rect, Structure, path_to
from scumble.document.homography import (
    EXACT,
    Matrix,
    bounds_of,
    from_frame,
    in_whole_pixels,
    inverse,
    scaling,
    translation,
    unmoved,
)
from scumble.generation.masks import scaled
from scumble.generation.prepare import Prepared


def brought_along(prepared: Prepared, picture: Picture, structure: Structure) -> tuple[Prepared, Picture]:
    """A job and a picture made by it as they belong on the canvas of its document as that is now.

    Moves, scalings, flips and quarter turns lose nothing; where the canvas was turned by another angle the picture is
    turned once, and is transparent in the corners that it does not reach. The very same come back where nothing moved.
    """
    matrix = from_frame(structure.frame) @ inverse(from_frame(prepared.anchor.frame))
    if unmoved(matrix):
        return prepared, picture
    old = prepared.anchor.box
    box = _box(matrix, old)
    selection = prepared.selection
    if _square(matrix):
        picture = _turned(picture, matrix)
        selection = None if selection is None else scaled(_turned(selection, matrix), (box.width, box.height))
    else:
        picture = _warped(picture, matrix, old, box)
        selection = None if selection is None else _resampled(selection, _onto(matrix, old, box, 1.0, 1.0), box)
    factor = math.sqrt(abs(float(np.linalg.det(matrix[:2, :2]))))
    moved = replace(
        prepared,
        job=prepared.job if _upright(matrix) else _job_of(prepared, picture, matrix),
        anchor=replace(prepared.anchor, box=box, canvas=(structure.width, structure.height), frame=structure.frame),
        affected=_box(matrix, prepared.affected) & structure.bounds,
        blend=prepared.blend.at(factor),
        selection=selection,
    )
    return moved, picture


def seen_above(document: Document, above: LayerId | None) -> LayerId | None:
    """The layer to go above: the one wanted, or the outermost group round it that is hidden or locked, where a new
    layer would not be seen or may not be put. Where it has gone, the topmost of all."""
    path = path_to(document.layers, above) if above is not None else ()
    for layer in path[:-1]:
        if isinstance(layer, Group) and (layer.locked or not layer.visible):
            return layer.id
    if path:
        return path[-1].id
    return document.layers[-1].id if document.layers else None


def _box(matrix: Matrix, rect: Rect) -> Rect:
    whole = in_whole_pixels(matrix)
    box = bounds_of(matrix if whole is None else whole, rect)
    return Rect(box.x, box.y, max(box.width, 1), max(box.height, 1))


def _square(matrix: Matrix) -> bool:
    """Whether the edges of a picture stay upright or level."""
    part = np.abs(matrix[:2, :2])
    small = EXACT * part.max()
    return bool(max(part[0, 1], part[1, 0]) <= small or max(part[0, 0], part[1, 1]) <= small)


def _upright(matrix: Matrix) -> bool:
    """Whether left stays left and up stays up."""
    return _square(matrix) and matrix[0, 0] > 0 and matrix[1, 1] > 0


def _job_of(prepared: Prepared, picture: Picture, matrix: Matrix) -> ToolJob:
    """The job for a picture that was turned: of the inputs, only those hold that did not come from the canvas, and of
    the regions none where the canvas was turned by another angle than a quarter."""
    job, square = prepared.job, _square(matrix)
    chosen = {given.name for given in prepared.tool.inputs if given.kind == "picture"}
    inputs = {name: value for name, value in job.inputs.items() if name in chosen}
    width, height = (max(-(-side // 8) * 8, 8) for side in picture.shape[1::-1])
    lying = abs(matrix[0, 1]) > abs(matrix[0, 0])
    return replace(
        job,
        inputs=inputs,
        size=(width, height),
        first=job.first[::-1] if lying else job.first,
        regions=tuple(replace(each, mask=_turned(each.mask, matrix)) for each in job.regions) if square else (),
    )


def _turned(pixels: NDArray[np.uint8], matrix: Matrix) -> NDArray[np.uint8]:
    """Rows and columns exchanged and turned about, as far as the map does; its scale is left to others."""
    across, down = matrix[0, 0], matrix[1, 1]
    if abs(matrix[0, 1]) > abs(across):
        pixels, across, down = pixels.swapaxes(0, 1), matrix[0, 1], matrix[1, 0]
    return np.ascontiguousarray(pixels[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1])


def _onto(matrix: Matrix, old: Rect, box: Rect, across: float, down: float) -> Matrix:
    """From the pixels of a picture in the old box, `across` and `down` of them to one of the document, to those of one
    in the new box at the mean of both scales."""
    scale = math.sqrt(across * down)
    to_document = translation(old.x, old.y) @ scaling(1 / across, 1 / down)
    return np.asarray(scaling(scale, scale) @ translation(-box.x, -box.y) @ matrix @ to_document, np.float64)


def _warped(picture: Picture, matrix: Matrix, old: Rect, box: Rect) -> Picture:
    height, width = picture.shape[:2]
    across, down = width / old.width, height / old.height
    scale = math.sqrt(across * down)
    target = Rect(0, 0, max(round(box.width * scale), 1), max(round(box.height * scale), 1))
    way = _onto(matrix, old, box, across, down)
    alpha = picture[..., 3] if picture.shape[2] == 4 else np.full((height, width), 255, np.uint8)
    colours = _resampled(np.ascontiguousarray(picture[..., :3]), way, target, cv2.BORDER_REPLICATE, cv2.INTER_CUBIC)
    return np.dstack([colours, _resampled(np.ascontiguousarray(alpha), way, target)])


def _resampled(
    pixels: NDArray[np.uint8],
    matrix: Matrix,
    target: Rect,
    border: int = cv2.BORDER_CONSTANT,
    method: int = cv2.INTER_LINEAR,
) -> NDArray[np.uint8]:
    """Pixels through a map from their corner to the target's. OpenCV counts from the middle of the first pixel."""
    centred = translation(-0.5, -0.5) @ matrix @ translation(0.5, 0.5)
    size = (target.width, target.height)
    return np.asarray(cv2.warpAffine(pixels, centred[:2], size, flags=method, borderMode=border), np.uint8)
