"""How near the pictures of each speed come to those of the best, by the starter model with equal seeds; and how near
those of the best come with as few full steps, which is what the cached steps have to beat."""

from __future__ import annotations

import statistics
from typing import Any

import cv2
import numpy as np
from measuring import row
from numpy.typing import NDArray

from scumble.api import Model, Picture
from scumble.engine.models import ModelLibrary
from scumble_txt2img.runtime import FULL_EVERY

STEPS = 20
SIZE = (128, 128)
PROMPTS = (
    "a red cup on a table",
    "a lighthouse by the sea at sunset, oil",
    "a city street at night",
    "mountains in snow, pencil",
    "a yellow boat on a lake, watercolor",
    "a house in a forest in autumn",
    "a bowl of fruit, flat",
    "a desert at noon",
)


def run() -> list[dict[str, Any]]:
    """Two rows for each speed but the best."""
    library = ModelLibrary()
    model = library.load(library.infos()[0].id, "cpu", "float32", lambda: None)
    best = pictures(model, STEPS, 1)
    rows = []
    for speed, every in FULL_EVERY.items():
        if every == 1:
            continue
        full = -(-STEPS // every)
        ours, fewer = pictures(model, STEPS, every), pictures(model, full, 1)
        for figure, unit, measure in FIGURES:
            value, theirs = (mean(measure, best, made) for made in (ours, fewer))
            peer = f"best in {full} steps: {theirs:.2f}"
            name, holds = f"models.preset_{speed}_{figure}", value >= theirs
            rows.append(row(name, value, unit, theirs, peer=peer, better="higher", holds=holds))
    return rows


def pictures(model: Model, steps: int, every: int) -> list[Picture]:
    """One for each prompt, each with a seed of its own."""
    return [
        model.decode(
            model.denoise(
                model.encode_prompt(prompt), size=SIZE, seeds=[seed], steps=steps, guidance=5.0, full_every=every
            )
        )[0]
        for seed, prompt in enumerate(PROMPTS)
    ]


def mean(measure: Any, ones: list[Picture], others: list[Picture]) -> float:
    """Of a figure, over pairs of pictures."""
    return statistics.fmean(measure(one, other) for one, other in zip(ones, others, strict=True))


def psnr(one: Picture, other: Picture) -> float:
    """The ratio of the greatest signal to the noise between two pictures, in dB."""
    return float(cv2.PSNR(one, other))


def ssim(one: Picture, other: Picture) -> float:
    """Structural similarity, at most 1 (Wang et al., Image Quality Assessment: From Error Visibility to Structural
    Similarity, eq. 13), with their Gaussian window of 11 pixels and constants, the mean of the channels."""
    x, y = one.astype(np.float64), other.astype(np.float64)

    def local(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), np.float64)

    mean_x, mean_y = local(x), local(y)
    spread = local(x * x) - mean_x**2 + local(y * y) - mean_y**2
    shared = local(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    alike = (2 * mean_x * mean_y + c1) * (2 * shared + c2) / ((mean_x**2 + mean_y**2 + c1) * (spread + c2))
    return float(alike.mean())


FIGURES = (("psnr", "dB beside best, mean of 8", psnr), ("ssim", "beside best, mean of 8", ssim))
