"""Y-PSNR of the network beside bicubic and Lanczos, on drawn pictures never trained on and on scikit-image's."""

from __future__ import annotations

import math
from importlib.util import find_spec
from pathlib import Path
from statistics import mean, median
from typing import NamedTuple

import numpy as np
import torch
from degrade import shrink
from network import Compact
from numpy.typing import NDArray
from pictures import Picture, picture
from PIL import Image


class Row(NamedTuple):
    """Y-PSNR in dB of one picture."""

    name: str
    bicubic: float
    lanczos: float
    network: float


def luma(image: Picture) -> NDArray[np.float64]:
    """Y of ITU-R BT.601 with head and foot room, the channel that the literature measures."""
    return np.asarray(image.astype(np.float64) @ np.array([65.481, 128.553, 24.966]) / 255 + 16)


def psnr_y(ours: Picture, truth: Picture, border: int) -> float:
    """Peak signal to noise of the luma in dB, without a border of some pixels."""
    inner = slice(border, -border)
    error = luma(ours)[inner, inner] - luma(truth)[inner, inner]
    return 10 * math.log10(255**2 / max(float(np.mean(error**2)), 1e-10))


def enlarge(network: Compact, small: Picture) -> Picture:
    """Runs the network over a whole picture."""
    device = next(network.parameters()).device
    batch = torch.from_numpy(small.copy()).permute(2, 0, 1)[None].to(device).float() / 255
    with torch.inference_mode():
        large = network(batch)[0].permute(1, 2, 0).clamp(0, 1)
    return np.asarray((large * 255).round().byte().cpu().numpy())


def drawn(count: int = 20, first: int = 900_000) -> dict[str, Picture]:
    """Held-out pictures of our own."""
    return {f"drawn-{i:02}": picture(first + i) for i in range(count)}


def photographs() -> dict[str, Picture]:
    """The sample pictures of scikit-image of at least 192 × 192; none where it is not installed."""
    spec = find_spec("skimage")
    if spec is None or not spec.submodule_search_locations:
        return {}
    folder = Path(next(iter(spec.submodule_search_locations))) / "data"
    found = {}
    for path in sorted([*folder.glob("*.png"), *folder.glob("*.jpg")]):
        with Image.open(path) as image:
            if min(image.size) >= 192:
                found[path.stem] = np.asarray(image.convert("RGB"))
    return found


def rows(network: Compact, pictures: dict[str, Picture]) -> list[Row]:
    """One row for each picture, shrunk by antialiased bicubic and enlarged again."""
    scale = network.scale
    table = []
    for name, image in pictures.items():
        truth = image[: image.shape[0] // scale * scale, : image.shape[1] // scale * scale]
        small = shrink(truth, scale)
        size = truth.shape[1], truth.shape[0]
        plain = [
            np.asarray(Image.fromarray(small).resize(size, method))
            for method in (Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)
        ]
        table.append(Row(name, *(psnr_y(p, truth, scale) for p in (*plain, enlarge(network, small)))))
    return table


def summary(title: str, table: list[Row]) -> str:
    """Mean and median of a table as two lines of Markdown."""
    lines = []
    for label, take in (("mean", mean), ("median", median)):
        values = [take(column) for column in zip(*((r.bicubic, r.lanczos, r.network) for r in table), strict=True)]
        lines.append(f"| {title}, {label} of {len(table)} | " + " | ".join(f"{v:.2f}" for v in values) + " |")
    return "\n".join(lines)
