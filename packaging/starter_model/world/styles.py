"""Ways to paint: a flat picture in, the same in another manner out, at the same size."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from world.board import Picture

Field = NDArray[np.float32]

PAPER = np.array([251, 248, 241], np.float32)
PIXELS = 32


def apply_style(flat: Picture, style: str, rng: np.random.Generator) -> Picture:
    """`style` is a key of `scene.STYLES`."""
    match style:
        case "watercolor":
            return _watercolour(flat, rng)
        case "oil":
            return _oil(flat, rng)
        case "pixel":
            return _pixels(flat)
        case "ink":
            return _ink(flat)
        case "pencil":
            return _pencil(flat, rng)
        case "pastel":
            return _pastel(flat, rng)
        case "paper cut":
            return _paper_cut(flat, rng)
        case "stained glass":
            return _stained_glass(flat, rng)
        case _:
            return flat


def noise(rng: np.random.Generator, side: int, octaves: int) -> Field:
    """Smooth noise about 0; each octave is half as wide and about half as strong."""
    total = np.zeros((side, side), np.float32)
    for octave in range(octaves):
        cells = min(side, 4 << octave)
        coarse = rng.random((cells, cells), dtype=np.float32) - 0.5
        total += 0.55**octave * cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    return total


def edges(picture: Picture, gain: float) -> Field:
    """0…1, how much of an outline runs through each pixel."""
    smooth = cv2.GaussianBlur(picture, (0, 0), 0.6).astype(np.float32)
    across = np.abs(cv2.Sobel(smooth, cv2.CV_32F, 1, 0)).max(axis=2)
    down = np.abs(cv2.Sobel(smooth, cv2.CV_32F, 0, 1)).max(axis=2)
    return np.asarray(np.clip((across + down) * gain / 255 - 0.15, 0, 1), dtype=np.float32)


def _warp(picture: Picture, rng: np.random.Generator, reach: float, cells: int) -> Picture:
    side = picture.shape[0]
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    shift = [
        cv2.resize(rng.standard_normal((cells, cells)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
        for _ in range(2)
    ]
    scale = reach * side / 128
    moved = cv2.remap(
        picture, columns + scale * shift[0], rows + scale * shift[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(moved, dtype=np.uint8)


def _bytes(values: Field) -> Picture:
    return np.clip(values, 0, 255).astype(np.uint8)


def _watercolour(flat: Picture, rng: np.random.Generator) -> Picture:
    side = flat.shape[0]
    wet = cv2.GaussianBlur(_warp(flat, rng, 1.3, 14), (0, 0), 0.7 * side / 128)
    ink = 1 - wet.astype(np.float32) / 255
    wash = 0.72 + 0.42 * noise(rng, side, 5)[..., None]
    grain = 0.015 * rng.standard_normal((side, side, 1)).astype(np.float32)
    rims = 0.14 * edges(np.asarray(wet, np.uint8), 0.5)[..., None]
    return _bytes((1 - ink * wash - rims + grain) * PAPER)


def _oil(flat: Picture, rng: np.random.Generator) -> Picture:
    """Short strokes along the picture's own contours, each of the colour under its middle."""
    side = flat.shape[0]
    canvas = cv2.medianBlur(flat, 5)
    grey = cv2.GaussianBlur(cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 2.5)
    slope_x, slope_y = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    wander = noise(rng, side, 3) * 5
    along = np.where(np.hypot(slope_x, slope_y) > 6, np.arctan2(slope_x, -slope_y), wander)
    count = side * side // 14
    places = rng.integers(0, side, (count, 2))
    colours = np.clip(
        flat[places[:, 0], places[:, 1]] + rng.integers(-13, 14, (count, 1)) + rng.integers(-5, 6, (count, 3)), 0, 255
    )
    reach = 3.4 * side / 128
    for (y, x), colour in zip(places.tolist(), colours.tolist(), strict=True):
        dx, dy = reach * np.cos(along[y, x]), reach * np.sin(along[y, x])
        start, end = (round(x - dx), round(y - dy)), (round(x + dx), round(y + dy))
        cv2.line(canvas, start, end, colour, max(1, round(2 * side / 128)), cv2.LINE_AA)
    return np.asarray(canvas, dtype=np.uint8)


def _pixels(flat: Picture) -> Picture:
    """32 × 32 cells of sixteen levels a channel, unsmoothed."""
    side = flat.shape[0]
    small = cv2.resize(flat, (PIXELS, PIXELS), interpolation=cv2.INTER_AREA)
    levels = np.round(small.astype(np.float32) / 255 * 15) * 17
    return np.asarray(cv2.resize(_bytes(levels), (side, side), interpolation=cv2.INTER_NEAREST), dtype=np.uint8)


def _ink(flat: Picture) -> Picture:
    return _bytes((1 - 0.93 * edges(flat, 1.1))[..., None] * PAPER)


def _pencil(flat: Picture, rng: np.random.Generator) -> Picture:
    """Grey outlines, and hatching that is denser where the picture is dark."""
    side = flat.shape[0]
    dark = 1 - cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32) * (128 / side)
    hatch = 0.5 + 0.5 * np.sin((rows + columns) * 1.25 + 3 * noise(rng, side, 3))
    grain = 0.02 * rng.standard_normal((side, side)).astype(np.float32)
    value = 1 - dark * 0.55 * (0.55 + 0.45 * hatch) - 0.6 * edges(flat, 0.8) + grain
    return _bytes(np.clip(value, 0.05, 0.98)[..., None] * PAPER)


def _pastel(flat: Picture, rng: np.random.Generator) -> Picture:
    """Chalk in slanting strokes on a toned paper, whose grain shows where the chalk did not reach."""
    side = flat.shape[0]
    chalk = cv2.GaussianBlur(_warp(flat, rng, 0.8, 20), (0, 0), 0.8 * side / 128).astype(np.float32)
    chalk = 0.82 * chalk + 0.18 * 255
    strokes = cv2.warpAffine(
        cv2.resize(rng.standard_normal((side, max(2, side // 7))).astype(np.float32), (side * 2, side * 2)),
        cv2.getRotationMatrix2D((side, side), 38, 1.0),
        (side * 2, side * 2),
    )[side // 2 : side // 2 + side, side // 2 : side // 2 + side]
    grain = rng.standard_normal((side, side)).astype(np.float32)
    bare = np.clip(0.16 + 0.2 * strokes + 0.1 * grain, 0, 0.55)[..., None]
    paper = np.array([214, 203, 186], np.float32)
    return _bytes(chalk * (1 - bare) + paper * bare)


def _paper_cut(flat: Picture, rng: np.random.Generator) -> Picture:
    """Sheets of plain colours, each with a shadow to the lower right on what lies under it."""
    side = flat.shape[0]
    reach = max(1, round(2 * side / 128))
    sheets = cv2.medianBlur(flat, 5)
    sheets = (sheets // 20 * 20 + 10).astype(np.float32)
    above = cv2.copyMakeBorder(sheets, reach, 0, reach, 0, cv2.BORDER_REPLICATE)[:side, :side]
    step = np.clip(np.abs(sheets - above).max(axis=2) / 60, 0, 1)
    shadow = cv2.GaussianBlur(step, (0, 0), 0.9 * side / 128)[..., None]
    below = cv2.copyMakeBorder(sheets, 0, 1, 0, 1, cv2.BORDER_REPLICATE)[1:, 1:]
    lift = np.clip(np.abs(sheets - below).max(axis=2), 0, 40)
    fibres = 5 * noise(rng, side, 6)[..., None] + 2 * rng.standard_normal((side, side, 1)).astype(np.float32)
    return _bytes(sheets * (1 - 0.42 * shadow) + 0.35 * lift[..., None] + fibres)


def _stained_glass(flat: Picture, rng: np.random.Generator) -> Picture:
    """Glowing pieces between dark lead, which follows the outlines and divides what is wide."""
    side = flat.shape[0]
    cells = 9
    grid = (np.stack(np.meshgrid(np.arange(cells), np.arange(cells)), -1).reshape(-1, 2) + 0.5) / cells
    seeds = ((grid + rng.uniform(-0.42, 0.42, grid.shape) / cells) * side).astype(np.float32)
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    far = (columns[..., None] - seeds[:, 0]) ** 2 + (rows[..., None] - seeds[:, 1]) ** 2
    piece = far.argmin(axis=2)
    near = np.sqrt(np.partition(far, 1, axis=2)[..., :2])
    lead = np.clip(1.25 - (near[..., 1] - near[..., 0]) * 64 / side, 0, 1)
    lead = np.maximum(lead, edges(flat, 0.9))
    glass = cv2.medianBlur(flat, 5).astype(np.float32)
    grey = glass.mean(axis=2, keepdims=True)
    light = rng.uniform(0.88, 1.16, len(seeds)).astype(np.float32)[piece][..., None]
    glass = (grey + (glass - grey) * 1.3) * light
    return _bytes(glass * (1 - 0.9 * lead[..., None]) + 14 * lead[..., None])
