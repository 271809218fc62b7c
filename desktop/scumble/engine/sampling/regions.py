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
from scumble.engine.sampling.loop import Predictor

LEAST: Final = 0.02
"""A prompt whose share is nowhere above this is left out: it would cost a pass and not be seen."""

MOST: Final = 16
"""Latents that go through the UNet together: as many as the largest batch of a plain job has with guidance."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Texts and where each holds: `states` (n, tokens, width), `shares` (n, 1, h, w) that add up to 1 in every cell."""

    states: torch.Tensor
    shares: torch.Tensor

    def blend(self, outputs: torch.Tensor, batch: int) -> torch.Tensor:
        """Predictions (n · batch, channels, h, w), text after text → the composed one, float32."""
        parts = outputs.reshape(len(self.states), batch, *outputs.shape[1:])
        return torch.einsum("nbchw,nhw->bchw", parts, self.shares[:, 0])


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalPredictor(Predictor):
    """The UNet with a prompt for each region. `prompt` is what is shown where no region is."""

    negatives: Mixture
    positives: Mixture

    def _positive(self, latent: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        return self.positives.blend(self._outputs(latent, timestep, self.positives.states), len(latent))

    def _both(self, latent: torch.Tensor, timestep: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        batch, count = len(latent), len(self.negatives.states)
        outputs = self._outputs(latent, timestep, torch.cat([self.negatives.states, self.positives.states]))
        split = count * batch
        return self.negatives.blend(outputs[:split], batch), self.positives.blend(outputs[split:], batch)

    def _outputs(self, latent: torch.Tensor, timestep: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        many, texts = latent.repeat(len(states), 1, 1, 1), states.repeat_interleave(len(latent), dim=0)
        if isinstance(self.unet, CachedUNet):  # its steps are counted by the pass
            return self._run(many, timestep, texts)
        parts = zip(torch.split(many, MOST), torch.split(texts, MOST), strict=True)
        return torch.cat([self._run(part, timestep, text) for part, text in parts])


@dataclass(frozen=True, slots=True)
class Regions:
    """The prompts of a job over its cells. `strength` is the greatest of those that are used; `freedom` (1, 1, h, w)
    is the part of it that each cell has."""

    negative: Mixture
    positive: Mixture
    strength: float
    freedom: torch.Tensor

    def predictor(self, plain: Predictor) -> RegionalPredictor:
        """As the plain one, with these prompts."""
        given = {each.name: getattr(plain, each.name) for each in fields(plain)}
        return RegionalPredictor(**given, negatives=self.negative, positives=self.positive)


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
    return Regions(
        _mixture([text[0] for text in texts], laid),
        _mixture([text[1] for text in texts], laid),
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


def _mixture(texts: Sequence[torch.Tensor], shares: torch.Tensor) -> Mixture:
    """States (tokens, width) with their shares (n, 1, h, w); those that are alike are taken together.

    They are brought to one length by repeating each as a whole, which changes nothing in an attention.
    """
    length = math.lcm(*(len(text) for text in texts))
    states: list[torch.Tensor] = []
    sums: list[torch.Tensor] = []
    for text, share in zip(texts, shares, strict=True):
        whole = text.repeat(length // len(text), 1)
        same = next((place for place, other in enumerate(states) if torch.equal(other, whole)), None)
        if same is None:
            states.append(whole)
            sums.append(share)
        else:
            sums[same] = sums[same] + share
    if len(states) == 1:
        return Mixture(torch.stack(states), torch.ones_like(shares[:1]))
    return Mixture(torch.stack(states), torch.stack(sums))
