"""What a blend is judged by, and the formulae of the peers beside ours.

An identity model paints back what it was given; all that differs is what its autoencoder did, so that the picture
itself is the truth inside the selection too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from diffusers import AutoencoderKL

import scumble_resources
from scumble.document import BGRA8
from scumble.generation.blending import Blending
from scumble.generation.masks import MATCH, SEAM, Blend
from scumble.generation.match import to_lab
from scumble.generation.seam import seam_of

SIDE = 384
GROW, FEATHER = 8, 24
BAND = 16
"""The inner side of the seam: what of the selection is so near to its edge, in pixels."""


@dataclass(frozen=True)
class Figures:
    """Of a blend; the lower the better.

    `ring`: ΔE between the mean colours of crop and picture where nothing was masked. `shift`: ΔE between the mean
    colours of what is seen just inside the seam and the truth. `jump`: the step across the seam as a multiple of those
    round it. `error`: mean ΔE to the truth in the selection. `through`: how much of the old picture is still seen
    somewhere inside the selection, 0…1.
    """

    ring: float
    shift: float
    jump: float
    error: float
    through: float


@dataclass(frozen=True)
class Blended:
    """A crop after its colours were matched, the composite mask, and the two over the picture."""

    crop: Any
    mask: Any
    seen: Any


def pictures() -> list[Any]:
    """Drawn ones: a soft landscape, stripes and discs, a dark gradient with grain; straight RGB uint8."""
    rng = np.random.default_rng(11)
    yy, xx = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    hills = np.stack([0.35 + 0.4 * yy, 0.55 - 0.2 * np.sin(5 * xx + 3 * yy), 0.8 - 0.5 * yy], -1)
    flat = np.full((SIDE, SIDE, 3), (196, 170, 120), np.uint8)
    for _ in range(60):
        centre = tuple(int(value) for value in rng.integers(0, SIDE, 2))
        colour = tuple(int(value) for value in rng.integers(20, 240, 3))
        cv2.circle(flat, centre, int(rng.integers(8, 46)), colour, -1, cv2.LINE_AA)
    dusk = np.stack([0.12 + 0.2 * xx, 0.1 + 0.1 * yy, 0.2 + 0.25 * (1 - yy)], -1) + rng.normal(
        0, 0.015, (SIDE, SIDE, 1)
    )
    cloth = cv2.resize(rng.random((48, 48, 3)).astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return [flat, *(np.clip(each * 255, 0, 255).astype(np.uint8) for each in (hills, dusk, 0.3 + 0.4 * cloth))]


def selection() -> Any:
    """A blob in the middle."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(mask, (SIDE // 2, SIDE // 2), (88, 66), 20, 0, 360, 255, -1)
    return mask


def identity_model() -> Callable[[Any], Any]:
    """The starter model's autoencoder, there and back."""
    folder = Path(str(scumble_resources.__file__)).parent / "starter_model" / "vae"
    vae = AutoencoderKL.from_pretrained(folder, local_files_only=True).eval()

    def through(picture: Any) -> Any:
        with torch.inference_mode():
            values = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
            back = vae.decode(vae.encode(values).latent_dist.mode()).sample
        return ((back[0].permute(1, 2, 0).clamp(-1, 1).numpy() + 1) * 127.5).round().astype(np.uint8)

    return through


def drifting(made: Any) -> Any:
    """As a model leaves it that loses contrast and warms the colours."""
    return np.clip((made.astype(np.float32) - 128) * 0.9 + 128 + (10, 0, -8), 0, 255).astype(np.uint8)


def ours(picture: Any, made: Any, chosen: Any, blend: Blend) -> Blended:
    """As the program does it."""
    work = Blending(BGRA8.from_straight(made), BGRA8.from_straight(picture), chosen, BGRA8, GROW + FEATHER)
    crop, mask = BGRA8.to_straight(work.pixels(blend))[..., :3], work.mask(blend)
    return Blended(crop, mask, composed(picture, crop, mask))


def peers(picture: Any, made: Any, chosen: Any) -> Blended:
    """A mask blurred to both sides, and statistics in which masked pixels are zeros that count."""
    mask = cv2.GaussianBlur(chosen, (0, 0), FEATHER / 2)
    kept = (chosen == 0).astype(np.float32)[..., None]
    lab, wanted = labs(made, picture)
    (mean, spread), (aim, wide) = (((each * kept).mean((0, 1)), (each * kept).std((0, 1))) for each in (lab, wanted))
    matched = ((lab - mean) * (wide / spread) + aim).astype(np.float32)
    crop = np.rint(np.clip(cv2.cvtColor(matched, cv2.COLOR_Lab2RGB), 0, 1) * 255).astype(np.uint8)
    return Blended(crop, mask, composed(picture, crop, mask))


def composed(picture: Any, made: Any, mask: Any) -> Any:
    """One over the other through a mask, rounded to 8 bits."""
    part = mask.astype(np.float32)[..., None] / 255
    return np.rint(picture * (1 - part) + made * part).astype(np.uint8)


def labs(*each: Any) -> list[Any]:
    """Straight RGB uint8 → CIELAB."""
    return [to_lab(picture.astype(np.float32) / np.float32(255)) for picture in each]


def judged(picture: Any, made: Blended, chosen: Any) -> Figures:
    """The figures of one picture."""
    crop, seen, truth = labs(made.crop, made.seen, picture)
    away = cv2.distanceTransform(255 - chosen, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    ring = (away > GROW + FEATHER + 1) & (away <= GROW + FEATHER + 1 + 2 * BAND)
    depth = cv2.distanceTransform(chosen, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    band = (depth > 0) & (depth <= BAND)
    return Figures(
        ring=float(np.linalg.norm(crop[ring].mean(0) - truth[ring].mean(0))),
        shift=float(np.linalg.norm(seen[band].mean(0) - truth[band].mean(0))),
        jump=seam_of(made.seen.astype(np.float32) / np.float32(255), made.mask).ratio,
        error=float(np.linalg.norm(seen - truth, axis=2)[chosen > 0].mean()),
        through=1.0 - float(made.mask[chosen == 255].min()) / 255,
    )


def mean(found: list[Figures]) -> Figures:
    """Over all pictures."""
    return Figures(*np.array([[*vars(each).values()] for each in found]).mean(0).tolist())


def compared(*, drift: bool) -> tuple[Figures, Figures]:
    """Ours and the peers', over all pictures; with `drift`, of a model that shifts the colours besides."""
    through, chosen = identity_model(), selection()
    best = Blend(GROW, FEATHER, match=MATCH, seam=SEAM)
    here, there = [], []
    for picture in pictures():
        made = drifting(through(picture)) if drift else through(picture)
        here.append(judged(picture, ours(picture, made, chosen, best), chosen))
        there.append(judged(picture, peers(picture, made, chosen), chosen))
    return mean(here), mean(there)
