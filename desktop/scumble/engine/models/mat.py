"""MAT, a network that fills large holes without a prompt (Li et al., MAT: Mask-Aware Transformer for Large Hole Image
Inpainting), from its weights alone: how large its picture and how wide its layers are, names and shapes tell.

A first stage of transformers, which attend to what is known alone, draws the picture roughly; a second one of
convolutions draws it anew. A style vector, made of chance and of the picture, scales the weights of both. The weights
that its makers give away are for non-commercial use only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
import torch
import torch.nn.functional as nnf
from numpy.typing import NDArray

from scumble.api import Mask, Picture
from scumble.engine.faults import is_out_of_memory
from scumble.engine.models.styled import EPSILON, Change, Layers

SEED: Final = 0
"""Of all that is drawn by lot: a hole is always filled in the same way."""

HEADS: Final = 6
MIDDLE: Final = 16
"""The side of the features between the halves of both stages."""

STAGES: Final = (
    (8, 2, Change.NONE),
    (16, 3, Change.HALVE),
    (16, 4, Change.HALVE),
    (16, 3, Change.DOUBLE),
    (8, 2, Change.DOUBLE),
)
"""Groups of transformer blocks: the side of a window, how many blocks, what is done to the size before them."""

LARGEST: Final = 2048
"""The longest side that a file may ask for."""

UNSEEN: Final = -100.0
"""Added to the attention that is not to be."""

FIRST: Final = "synthesis.first_stage."

_ENCODER = re.compile(r"synthesis\.enc\.EncConv_Block_(\d{1,5})x\d+\.conv0\.weight")


class Mat:
    """The network. `weights` are its tensors without the prefix, in float32."""

    def __init__(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Raises `ValueError` where tensors are missing by which its size is told."""
        self._layers = Layers(weights)
        found = (int(match[1]) for match in map(_ENCODER.fullmatch, weights) if match is not None)
        self.side = max(found, default=0)
        """What both sides of a picture are."""
        if self.side not in (128, 256, 512, 1024, LARGEST):
            raise ValueError("its layers are not those of MAT")

    @torch.no_grad()
    def __call__(self, picture: torch.Tensor, hole: torch.Tensor, check_cancelled: Callable[[], None]) -> torch.Tensor:
        """A picture (1, 3, side, side) in 0…1 and its hole (1, 1, side, side), 1 where it is to be filled → the picture
        filled. Raises `ValueError` where tensors are missing or their shapes do not fit together."""
        try:
            made = _Run(self._layers, self.side, check_cancelled).filled(picture * 2.0 - 1.0, 1.0 - hole)
        except (LookupError, RuntimeError, ValueError) as error:
            if is_out_of_memory(error):
                raise
            raise ValueError(f"the weights do not fit together ({str(error).splitlines()[0]})") from error
        return (made * 0.5 + 0.5).clamp(0.0, 1.0)


@dataclass(frozen=True, slots=True)
class _Run:
    """One picture on its way through the network. What is known is 1 where it is, 0 in the hole."""

    layers: Layers
    side: int
    check_cancelled: Callable[[], None]
    chance: torch.Generator = field(default_factory=lambda: torch.Generator().manual_seed(SEED))

    def filled(self, picture: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
        """A picture in -1…1."""
        code = self._code(picture.device)
        seen = picture * known
        rough = self._rough(seen, known, code) * (1.0 - known) + seen
        return self._fine(torch.cat([known - 0.5, rough, seen], dim=1), code) * (1.0 - known) + seen

    def _code(self, device: torch.device) -> torch.Tensor:
        """Chance as the style that it means: (1, length)."""
        length = self.layers.weights["mapping.fc0.weight"].shape[1]
        code = torch.randn((1, length), generator=self.chance).to(device)
        code = code * (code.square().mean(dim=1, keepdim=True) + EPSILON).rsqrt()
        count = sum(re.fullmatch(r"mapping\.fc\d+\.weight", name) is not None for name in self.layers.weights)
        for layer in range(count):
            code = self.layers.dense(f"mapping.fc{layer}.", code, bent=True, rate=0.01)
        return code

    def _rough(self, seen: torch.Tensor, known: torch.Tensor, code: torch.Tensor) -> torch.Tensor:
        """The picture of the first stage."""
        layers, steps = self.layers, (self.side // 64).bit_length() - 1
        whole: torch.Tensor | None = known
        values, whole = layers.partial(FIRST + "conv_first.", torch.cat([known - 0.5, seen], dim=1), whole)
        skipped = [values]
        for step in range(steps):
            self.check_cancelled()
            values, whole = layers.partial(f"{FIRST}enc_conv.{step}.", values, whole, Change.HALVE)
            skipped.append(values)
        drawn, passed = skipped[:-1], []
        for stage in (0, 1):
            values, whole = self._transformed(stage, values, whole)
            passed.append(values)
        values, _ = self._transformed(2, values, None)
        chosen = layers.dense(FIRST + "ws_style.", code, bent=True)
        values = self._scattered(FIRST + "to_square.", values, chosen)
        style = torch.cat([self._style(FIRST + "down_conv.", FIRST + "to_style.", values), chosen], dim=1)
        for stage in (3, 4):
            values = self._transformed(stage, values, None)[0] + passed.pop()
        picture = None
        for step in range(steps):
            values, picture = self._drawn(f"{FIRST}dec_conv.{step}.", values, drawn.pop(), style, picture)
        if picture is None:
            raise ValueError("there is no decoder")
        return picture

    def _fine(self, values: torch.Tensor, code: torch.Tensor) -> torch.Tensor:
        """The picture of the second stage."""
        layers, drawn = self.layers, []
        sides = [self.side >> step for step in range((self.side // MIDDLE).bit_length())]
        for side in sides:
            self.check_cancelled()
            name, change = f"synthesis.enc.EncConv_Block_{side}x{side}.", Change.HALVE
            values = layers.convolution(name + "conv0.", values, Change.NONE if side == self.side else change)
            self.check_cancelled()
            values = layers.convolution(name + "conv1.", values)
            drawn.append(values)
        values = self._scattered("synthesis.to_square.", drawn.pop(), code)
        style = torch.cat([code, self._style("synthesis.to_style.conv.", "synthesis.to_style.fc.", values)], dim=1)
        first = f"synthesis.dec.Dec_{MIDDLE}x{MIDDLE}."
        values = layers.styled(first + "conv1.", layers.convolution(first + "conv0.", values) + values, style)
        picture = layers.colours(first + "toRGB.", values, style, None)
        for side in reversed(sides[:-1]):
            name = f"synthesis.dec.Dec_{side}x{side}."
            values, picture = self._drawn(name, values, drawn.pop(), style, picture)
        return picture

    def _drawn(
        self, name: str, values: torch.Tensor, skipped: torch.Tensor, style: torch.Tensor, before: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Features twice as large, and the picture so far."""
        self.check_cancelled()
        larger = self.layers.styled(name + "conv0.", values, style, Change.DOUBLE) + skipped
        self.check_cancelled()
        made = self.layers.styled(name + "conv1.", larger, style)
        return made, self.layers.colours(name + "toRGB.", made, style, before)

    def _scattered(self, name: str, values: torch.Tensor, code: torch.Tensor) -> torch.Tensor:
        """Features of which every second, drawn by lot, is replaced by what the code says."""
        kept = torch.rand(values.shape, generator=self.chance).to(values.device) < 0.5
        return torch.where(kept, values, self.layers.dense(name, code, bent=True).view(1, 1, MIDDLE, MIDDLE))

    def _style(self, convolutions: str, last: str, values: torch.Tensor) -> torch.Tensor:
        """What the features say of the whole picture: (1, length)."""
        place = 0
        while f"{convolutions}{place}.weight" in self.layers.weights:
            values = self.layers.convolution(f"{convolutions}{place}.", values, Change.HALVE)
            place += 1
        return self.layers.dense(last, values.mean(dim=(2, 3)), bent=True)

    def _transformed(
        self, stage: int, values: torch.Tensor, known: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Features after a group of transformer blocks, and what is known of them."""
        window, depth, change = STAGES[stage]
        name = f"{FIRST}tran.{stage}."
        if change is not Change.NONE:
            values, known = self.layers.partial(name + "downsample.conv.", values, known, change)
        made = values
        for block in range(depth):
            self.check_cancelled()
            shift = window // 2 if block % 2 and window < values.shape[-1] else 0
            made, known = self._block(f"{name}blocks.{block}.", made, known, window, shift)
        made, known = self.layers.partial(name + "conv.", made, known)
        return made + values, known

    def _block(
        self, name: str, values: torch.Tensor, known: torch.Tensor | None, window: int, shift: int
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """A transformer block without normalisation; what attention found lies beside the features, not upon them."""
        layers, side = self.layers, values.shape[-1]
        parts = _split(values.roll((-shift, -shift), (2, 3)), window)
        bias = _strangers(side, window, shift).to(values.device) if shift else None
        if known is not None:
            there = _split(known.roll((-shift, -shift), (2, 3)), window)
            unseen = UNSEEN * (1.0 - there.transpose(1, 2))[:, None]
            bias = unseen if bias is None else bias + unseen
            spread = there.amax(dim=1, keepdim=True).expand_as(there)
            known = _join(spread, window, side).roll((shift, shift), (2, 3))
        both = torch.cat([parts, self._attended(name + "attn.", parts, bias)], dim=-1)
        wide = layers.dense(name + "mlp.fc1.", layers.dense(name + "fuse.", both, bent=True), bent=True)
        made = layers.dense(name + "mlp.fc2.", wide)
        return _join(made, window, side).roll((shift, shift), (2, 3)), known

    def _attended(self, name: str, parts: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        """Attention within windows (windows, tokens, channels); `bias` broadcasts to (windows, heads, tokens,
        tokens)."""
        even, shape = nnf.normalize(parts, dim=-1), (*parts.shape[:2], HEADS, -1)
        query, key, value = (
            self.layers.dense(name + layer, given).reshape(shape).transpose(1, 2)
            for layer, given in (("q.", even), ("k.", even), ("v.", parts))
        )
        found = nnf.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        return self.layers.dense(name + "proj.", found.transpose(1, 2).flatten(2))


def _split(values: torch.Tensor, window: int) -> torch.Tensor:
    """(1, channels, side, side) → (windows, tokens, channels)."""
    channels, side = values.shape[1], values.shape[-1]
    parts = values.reshape(channels, side // window, window, side // window, window)
    return parts.permute(1, 3, 2, 4, 0).reshape(-1, window * window, channels)


def _join(parts: torch.Tensor, window: int, side: int) -> torch.Tensor:
    """The reverse of `_split`."""
    grid = parts.reshape(side // window, side // window, window, window, -1)
    return grid.permute(4, 0, 2, 1, 3).reshape(1, -1, side, side)


def _strangers(side: int, window: int, shift: int) -> torch.Tensor:
    """The bias (windows, 1, tokens, tokens) that keeps apart what only the shift brought into one window (Liu et al.,
    Swin Transformer)."""
    places = torch.arange(side)
    band = (places >= side - window).int() + (places >= side - shift).int()
    areas = _split((band[:, None] * 3 + band)[None, None], window)
    return UNSEEN * (areas != areas.transpose(1, 2))[:, None].float()


@dataclass(frozen=True, slots=True)
class MatEraser:
    """The network on a device, as it is used."""

    network: Mat
    device: torch.device

    def erase(self, picture: Picture, mask: Mask, check_cancelled: Callable[[], None]) -> Picture:
        """A picture `(h, w, 3)` of any size, filled where the mask is above 0; the rest is as it was. The network sees
        the surroundings of the hole as large as it draws, or smaller where the hole is large.

        Raises `ValueError` where the weights are not what they seemed, and `Cancelled`.
        """
        made = np.array(picture[..., :3])
        if not mask.any():
            return made
        place = _surroundings(mask, self.network.side)
        hole = mask[place] > 0
        made[place][hole] = self._filled(made[place], hole, check_cancelled)[hole]
        return made

    def _filled(self, seen: Picture, hole: NDArray[np.bool_], check_cancelled: Callable[[], None]) -> Picture:
        """What is too small is continued by its mirror image."""
        height, width = hole.shape
        side, longest = self.network.side, max(height, width, self.network.side)
        beyond = ((0, longest - height), (0, longest - width))
        square = np.pad(seen, (*beyond, (0, 0)), mode="symmetric")
        missing = np.pad(hole.astype(np.float32), beyond, mode="symmetric")
        if longest > side:
            square = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA)
            missing = cv2.resize(missing, (side, side), interpolation=cv2.INTER_AREA)
        values = torch.from_numpy(square).to(self.device).permute(2, 0, 1)[None].float() / 255.0
        made = self.network(values, torch.from_numpy(missing > 0).to(self.device)[None, None].float(), check_cancelled)
        pixels = (made[0].permute(1, 2, 0) * 255.0).round().to(torch.uint8).cpu().numpy()
        if longest > side:
            pixels = cv2.resize(pixels, (longest, longest), interpolation=cv2.INTER_CUBIC)
        return pixels[:height, :width]


def _surroundings(mask: Mask, side: int) -> tuple[slice, slice]:
    """The square round the hole that the network sees, as far as there is a picture: at least `side` long, and at
    least twice as long as the hole."""
    spans = [np.flatnonzero(mask.any(axis=axis))[[0, -1]].tolist() for axis in (1, 0)]
    wanted = max(side, *(2 * (last + 1 - first) for first, last in spans))
    return _stretch(spans[0], wanted, mask.shape[0]), _stretch(spans[1], wanted, mask.shape[1])


def _stretch(span: list[int], wanted: int, size: int) -> slice:
    length = min(wanted, size)
    start = min(max((sum(span) + 1 - length) // 2, 0), size - length)
    return slice(start, start + length)
