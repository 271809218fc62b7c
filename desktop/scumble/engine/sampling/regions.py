"""Several prompts in one picture, each where its mask says: the predictions for them are composed at every step.

Composing predictions (Bar-Tal et al., MultiDiffusion, section 4) was chosen over masking the cross-attention. On the
starter model, with two prompts side by side, it brought each half nearer to what its prompt draws alone; and where all
prompts are alike it is the plain step. It costs one more pass of the UNet for each further prompt; prompts that are
alike, positive or negative, are computed once. Two prompts with one negative cost 1.3 plain steps there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from scumble.api import Mask, PromptedMask
from scumble.engine.sampling.cache import CachedUNet
from scumble.engine.sampling.loop import Added, Predictor

LEAST: Final = 0.02
"""A prompt whose share is nowhere above this is left out: it would cost a pass and not be seen."""

MOST: Final = 16
"""Latents that go through the UNet together: as many as the largest batch of a plain job has with guidance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalPredictor(Predictor):
    """The UNet with a prompt for each region.

    `prompt` (n, tokens, width) has every text once, the negative ones first; `negatives` and `positives` (…, 1, h, w)
    say how much of each cell is theirs, and add up to 1 there.
    """

    negatives: torch.Tensor
    positives: torch.Tensor

    def _positive(self, latent: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        rows = range(len(self.negatives), len(self.prompt))
        return _blended(self._outputs(latent, timestep, rows), self.positives)

    def _both(self, latent: torch.Tensor, timestep: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        count = len(self.negatives)
        outputs = self._outputs(latent, timestep, range(len(self.prompt)))
        return _blended(outputs[:count], self.negatives), _blended(outputs[count:], self.positives)

    def _outputs(self, latent: torch.Tensor, timestep: torch.Tensor, rows: range) -> torch.Tensor:
        """The predictions for some of the texts, (texts, batch, channels, h, w)."""
        batch = len(latent)
        most = len(rows) if isinstance(self.unet, CachedUNet) else max(MOST // batch, 1)  # cached steps are counted
        parts = [rows[first : first + most] for first in range(0, len(rows), most)]
        outputs = [
            self._run(latent.repeat(len(part), 1, 1, 1), timestep, slice(part.start, part.stop)) for part in parts
        ]
        return torch.cat(outputs).reshape(len(rows), batch, *outputs[0].shape[1:])


@dataclass(frozen=True, slots=True)
class Regions:
    """The prompts of a job over its cells, as `RegionalPredictor` takes them. `strength` is the greatest of those that
    are used; `freedom` (1, 1, h, w) is the part of it that each cell has. `rows` says of each text which prompt it
    belongs to, 0 the tool's own, and whether it is its negative (0) or positive (1) one."""

    prompt: torch.Tensor
    rows: tuple[tuple[int, int], ...]
    negatives: torch.Tensor
    positives: torch.Tensor
    strength: float
    freedom: torch.Tensor

    def predictor(self, plain: Predictor, added: Added | None = None) -> RegionalPredictor:
        """As the plain one, with these prompts; `added` has a row for each of them."""
        given = {each.name: getattr(plain, each.name) for each in fields(plain)}
        return RegionalPredictor(
            **given | {"prompt": self.prompt, "added": added}, negatives=self.negatives, positives=self.positives
        )


def lay_out(
    prompt: torch.Tensor,
    strength: float,
    regions: Sequence[PromptedMask],
    factor: int,
    free: torch.Tensor | None,
) -> Regions:
    """The tool's own prompt and strength, and those of the regions, by cells of `factor` pixels.

    A region has as much of a cell as its mask covers of it; where masks overlap they share it, and what none of them
    covers is the prompt's. `free` (1, 1, h, w) says which cells may change; what happens in the others counts nothing.
    """
    masks = [_covered(mask, factor) for _, mask, _ in regions]
    shares = _shares(np.stack(masks))
    seen = shares if free is None else shares * (free[0, 0].cpu().numpy() > 0)
    used = [place for place in range(len(shares)) if seen[place].max() > LEAST] or [0]
    shares = shares[used]
    total = shares.sum(axis=0)
    shares[0][total <= 0] = 1.0
    laid = torch.from_numpy(shares / shares.sum(axis=0)).to(prompt.device)[:, None]
    strengths = [(strength, *(each for _, _, each in regions))[place] for place in used]
    texts = [(prompt, *(states for states, _, _ in regions))[place] for place in used]
    greatest = max(strengths)
    freedom = sum(share * (each / greatest) for share, each in zip(laid, strengths, strict=True))
    length = math.lcm(*(text.shape[1] for text in texts))
    wholes = [[_lengthened(text[side], length) for text in texts] for side in (0, 1)]
    negative, negatives = _distinct(wholes[0], laid)
    positive, positives = _distinct(wholes[1], laid)
    rows = [(place, 0) for place in negative] + [(place, 1) for place in positive]
    return Regions(
        torch.stack([wholes[side][place] for place, side in rows]),
        tuple((used[place], side) for place, side in rows),
        negatives,
        positives,
        greatest,
        torch.clamp(torch.as_tensor(freedom)[None] + 1e-6, max=1.0),  # what is wholly free stays so through the sums
    )


def _covered(mask: Mask, factor: int) -> NDArray[np.float32]:
    """How much of each cell a mask covers, 0…1."""
    height, width = mask.shape
    cells = mask.reshape(height // factor, factor, width // factor, factor)
    return np.asarray(cells.mean(axis=(1, 3)) / 255.0, np.float32)


def _shares(covered: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coverages (n, h, w) → shares (1 + n, h, w) that add up to 1, the first of what none of them covers."""
    total = covered.sum(axis=0)
    return np.concatenate([np.maximum(1.0 - total, 0.0)[None], covered / np.maximum(total, 1.0)])


def _lengthened(text: torch.Tensor, length: int) -> torch.Tensor:
    """States (tokens, width) repeated as a whole, which changes nothing in an attention."""
    return text.repeat(length // len(text), 1)


def _distinct(texts: Sequence[torch.Tensor], shares: torch.Tensor) -> tuple[list[int], torch.Tensor]:
    """The places of texts with their shares (n, 1, h, w); those that are alike are taken together."""
    found: list[int] = []
    sums: list[torch.Tensor] = []
    for place, (text, share) in enumerate(zip(texts, shares, strict=True)):
        same = next((at for at, other in enumerate(found) if torch.equal(texts[other], text)), None)
        if same is None:
            found.append(place)
            sums.append(share)
        else:
            sums[same] = sums[same] + share
    return found, torch.stack(sums) if len(found) > 1 else torch.ones_like(shares[:1])


def _blended(outputs: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    """Predictions (texts, batch, channels, h, w), each as far as its share of a cell goes."""
    return torch.einsum("nbchw,nhw->bchw", outputs, shares[:, 0])
