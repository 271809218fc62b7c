"""What the judge says of drawings that a model changes, by the program's own engine.

A thing becomes another within a mask, or a whole drawing gets another manner of painting.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from world import STYLES, Picture, Scene, caption, compose, draw

from judging.measures import Share
from judging.network import Judge
from judging.pictures import read
from judging.readings import MISSING, NAMES, asked
from scumble.engine.models.library import ModelLibrary

FIRST: Final = 60_000_000
"""The first seed of the drawings that are changed. Nothing is trained on them."""
MARGIN: Final = 4
"""Pixels about both things that the mask takes in."""
STEPS, GUIDANCE, STRENGTH = 20, 4.0, 0.7
"""Of every change; the last is that of a new manner."""
READ: Final = {"filled": ("subject", "colour"), "restyled": ("style", "subject")}
"""What is asked of each kind of change."""


@dataclass(frozen=True, slots=True)
class Change:
    """A drawing, the scene that it is to become with its words, and where: everywhere without a mask."""

    before: Picture
    wanted: Scene
    text: str
    mask: NDArray[np.uint8] | None = None


def fills(side: int) -> Iterator[Change]:
    """A single thing becomes another in another colour."""
    alone = (scene for scene in map(compose, itertools.count(FIRST)) if _alone(scene))
    for scene, other in zip(alone, alone, strict=False):
        if {other.subject.noun, scene.background} & {scene.subject.noun, other.subject.colour}:
            continue
        wanted = replace(scene, subject=other.subject)
        before, after = draw(scene, side), draw(wanted, side)
        rows, columns = np.nonzero((before != after).any(axis=2))
        mask = np.zeros(before.shape[:2], np.uint8)
        mask[_span(rows), _span(columns)] = 255
        yield Change(before, wanted, caption(wanted), mask)


def restyles(side: int) -> Iterator[Change]:
    """A flat drawing is to be painted in another manner, in turn each."""
    manners = itertools.cycle(style for style in STYLES if style != "flat")
    for scene in map(compose, itertools.count(FIRST)):
        if scene.style == "flat":
            wanted = replace(scene, style=next(manners))
            yield Change(draw(scene, side), wanted, caption(wanted))


class Hand:
    """A model in the program's engine."""

    def __init__(self, folder: Path, device: str) -> None:
        library = ModelLibrary([folder])
        (info,) = library.infos()
        self._model = library.load(info.id, device, "float32", lambda: None)

    def make(self, change: Change, seed: int) -> Picture:
        """The drawing, changed; outside the mask nothing is."""
        height, width = change.before.shape[:2]
        latent = self._model.denoise(
            self._model.encode_prompt(change.text),
            size=(width, height),
            seeds=[seed],
            steps=STEPS,
            guidance=GUIDANCE,
            scheduler="ddim",
            strength=1.0 if change.mask is not None else STRENGTH,
            known=change.before,
            mask=change.mask,
        )
        (made,) = self._model.decode(latent)
        return made if change.mask is None else np.where(change.mask[..., None] > 0, made, change.before)


def judged(judge: Judge, changes: Sequence[Change], pictures: Picture, kind: str, device: str) -> dict[str, Share]:
    """How many of the pictures `(count, side, side, 3)` show what was asked for, by attribute."""
    targets = judge.values.encode(asked(change.wanted, change.text) for change in changes)
    guesses = read(judge.guesses, pictures, device)
    shares = {}
    for name in READ[kind]:
        told = targets[:, NAMES.index(name)] != MISSING
        hits = torch.eq(guesses[:, NAMES.index(name)], targets[:, NAMES.index(name)]) & told
        shares[name] = Share(int(hits.sum()), int(told.sum()))
    return shares


def _alone(scene: Scene) -> bool:
    plain = not scene.size and not scene.place and scene.subject.count == 1
    return scene.kind == "object" and scene.coloured and plain


def _span(places: NDArray[np.intp]) -> slice:
    return slice(max(0, int(places.min()) - MARGIN), int(places.max()) + MARGIN + 1)
