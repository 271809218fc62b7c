"""Pictures to learn enlarging from, drawn from a seed: dead leaves, out-of-focus ones, and scenes of our own world.

Dead leaves are opaque shapes with power-law sizes laid over each other: they have the edges, corners and scales of
natural pictures (Lee, Mumford, Huang, "Occlusion models for natural images", 2001).
"""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from world import compose, draw

Picture = NDArray[np.uint8]
"""`(height, width, 3)`, sRGB, 0–255."""

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHKLMNRSTUW0123456789"
_SMALLEST, _LARGEST = 6.0, 200.0


def power_noise(rng: np.random.Generator, side: int, slope: float) -> NDArray[np.float32]:
    """Noise with a spectrum of 1 / f^slope, mean 0, deviation 1, `(side, side)`."""
    frequency = np.fft.fftfreq(side)
    radius = np.hypot(*np.meshgrid(frequency, frequency))
    radius[0, 0] = 1.0
    field = np.fft.ifft2(np.fft.fft2(rng.standard_normal((side, side))) / radius**slope).real
    return np.asarray((field - field.mean()) / field.std(), dtype=np.float32)


def dead_leaves(seed: int, side: int) -> Picture:
    """Overlapping discs, polygons, lines and letters, some of them with a texture; drawn at twice the size."""
    rng = np.random.default_rng(seed)
    wide = side * 2
    palette = rng.normal(128, rng.uniform(25, 60), (12, 1)) + rng.normal(0, rng.uniform(5, 40), (12, 3))
    image = Image.new("RGB", (wide, wide), _colour(palette[0]))
    labels = Image.new("L", (wide, wide), 0)
    pens = ImageDraw.Draw(image), ImageDraw.Draw(labels)
    for _ in range(int(rng.integers(150, 450))):
        colour = _colour(palette[rng.integers(len(palette))] + rng.normal(0, 8, 3))
        _leaf(pens, rng, wide, colour, int(rng.integers(256)))
    label = np.asarray(labels)
    textures = np.stack([power_noise(rng, wide, float(rng.uniform(0.6, 1.6))) for _ in range(3)])
    strength = np.where(label % 4 < 2, 0, (label % 16) * 1.4)
    grain = np.take_along_axis(textures, (label % 3)[None].astype(np.intp), 0)[0] * strength
    full = np.clip(np.asarray(image, dtype=np.float32) + grain[..., None], 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(full, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _colour(values: NDArray[np.float64]) -> tuple[int, int, int]:
    red, green, blue = (int(v) for v in np.clip(values, 0, 255))
    return red, green, blue


def _leaf(
    pens: tuple[ImageDraw.ImageDraw, ImageDraw.ImageDraw],
    rng: np.random.Generator,
    wide: int,
    colour: tuple[int, int, int],
    label: int,
) -> None:
    share = rng.random()
    radius = min(_LARGEST, 1 / math.sqrt(share / _SMALLEST**2 + (1 - share) / 220.0**2))  # density falls as 1 / r³
    x, y = rng.uniform(0, wide, 2)
    kind = rng.random()
    fills: list[tuple[ImageDraw.ImageDraw, tuple[int, int, int] | int]] = [(pens[0], colour), (pens[1], label)]
    if kind < 0.45:
        box = (x - radius, y - radius * rng.uniform(0.4, 1), x + radius, y + radius * 0.9)
        for pen, fill in fills:
            pen.ellipse(box, fill=fill)
    elif kind < 0.8:
        angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 8))))
        reach = radius * rng.uniform(0.5, 1, len(angles))
        corners = [(x + r * math.cos(a), y + r * math.sin(a)) for a, r in zip(angles, reach, strict=True)]
        for pen, fill in fills:
            pen.polygon(corners, fill=fill)
    elif kind < 0.93:
        angle, width = rng.uniform(0, 2 * np.pi), int(rng.integers(1, 11))
        line = (x, y, x + 3 * radius * math.cos(angle), y + 3 * radius * math.sin(angle))
        for pen, fill in fills:
            pen.line(line, fill=fill, width=width)
    else:
        text = "".join(_LETTERS[i] for i in rng.integers(0, len(_LETTERS), int(rng.integers(2, 10))))
        pens[0].text((x, y), text, fill=colour, font=ImageFont.load_default(size=int(rng.integers(14, 61))))


def out_of_focus(seed: int, side: int) -> Picture:
    """Dead leaves behind a blur, so that soft pictures are not sharpened into something else."""
    rng = np.random.default_rng(seed + 1)
    blurred = cv2.GaussianBlur(dead_leaves(seed, side), (0, 0), float(rng.uniform(1.0, 5.0)))
    fine = rng.normal(0, rng.uniform(0, 3), blurred.shape)
    return np.asarray(np.clip(blurred + fine, 0, 255), dtype=np.uint8)


def picture(seed: int, side: int = 256) -> Picture:
    """The picture of a seed: of ten, five are dead leaves, one is out of focus, four are scenes."""
    kind = seed % 10
    if kind < 5:
        return dead_leaves(seed, side)
    if kind == 5:
        return out_of_focus(seed, side)
    return draw(compose(seed), side)


def picture_set(first: int, count: int, side: int = 256, workers: int = 1) -> Picture:
    """The pictures of seeds `first` … `first + count - 1`, `(count, side, side, 3)`."""
    seeds = range(first, first + count)
    if workers < 2:
        return np.stack([picture(seed, side) for seed in seeds])
    with ProcessPoolExecutor(workers, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        return np.stack(list(pool.map(picture, seeds, [side] * count, chunksize=4)))
