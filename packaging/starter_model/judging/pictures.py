"""The pictures that are judged: a model's, drawn ones, and drawn ones after a model's autoencoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
from torch import Tensor
from training.data import write_array
from training.latents import PASS, fingerprint, to_tensor
from training.networks import autoencoder, denoiser, text_encoder
from training.sheet import sample
from training.tokens import load_tokenizer
from world import Picture, Scene, caption, compose, draw

from judging.network import shrunk

CASES: Final = 40_000_000
"""The first seed of the scenes that models are judged by. Nothing is trained on them."""
OTHERS: Final = 50_000_000
"""The first seed of drawings to compare with."""
BATCH: Final = 16
AGAIN: Final = 1_000_003
"""What a second picture's seed lies above the first's."""


SHIPPED: Final = Path(__file__).parents[3] / "resources" / "scumble_resources" / "starter_model"


def named(models: Sequence[str]) -> list[tuple[str, Path]]:
    """Names and folders from `name=folder`; the bundled model where none is given."""
    parts = [model.partition("=") for model in models] or [("shipped", "", str(SHIPPED))]
    return [(name, Path(folder)) for name, _, folder in parts]


@dataclass(frozen=True, slots=True)
class Case:
    """A scene, and the caption from which a model is to make it."""

    scene: Scene
    text: str


def cases(count: int) -> list[Case]:
    """The first so many; each seed has one caption."""
    scenes = [compose(CASES + i) for i in range(count)]
    return [Case(scene, caption(scene)) for scene in scenes]


def drawn(scenes: Sequence[Scene], side: int) -> Picture:
    """The drawings of scenes, `(count, side, side, 3)`."""
    cv2.setNumThreads(1)
    return np.stack([draw(scene, side) for scene in scenes])


class Subject:
    """A model in a diffusers folder, ready to be judged. Pictures that it has made are kept in `store`."""

    def __init__(self, folder: Path, store: Path, device: str) -> None:
        tokenizer = load_tokenizer(folder / "tokenizer")
        side = 0  # a network that is loaded has its own
        self.parts: dict[str, Any] = {
            "tokenizer": tokenizer,
            "text_encoder": text_encoder(tokenizer, folder),
            "unet": denoiser(side, folder),
            "vae": autoencoder(side, folder),
        }
        for name in ("text_encoder", "unet", "vae"):
            self.parts[name].to(device).eval()
        self.device = device
        self.side = int(self.parts["vae"].config.sample_size)
        weights = sorted(path for path in folder.rglob("*.safetensors"))
        self._store = store / "-".join(fingerprint(path) for path in weights)

    def made(self, texts: Sequence[str], seed: int) -> Picture:
        """A picture for each text by guided DDIM; number i has the seed `seed + i`. Goes on from what is kept."""
        parts = []
        for first in range(0, len(texts), BATCH):
            some = texts[first : first + BATCH]
            path = self._store / f"{seed + first:010}-{len(some)}.npy"
            if not path.exists():
                pictures = sample(self.parts, some, self.device, seed + first)
                write_array(path, np.stack([np.asarray(picture) for picture in pictures]))
            parts.append(np.load(path))
        return np.concatenate(parts)

    @torch.inference_mode()
    def through(self, pictures: Picture) -> Picture:
        """What the autoencoder makes of pictures: no model upon it can be sharper."""
        vae, parts = self.parts["vae"], []
        for some in _split(to_tensor(pictures), PASS.get(self.device, 64)):
            again = vae.decode(vae.encode(some.to(self.device)).latent_dist.mean).sample
            parts.append(((again.permute(0, 2, 3, 1).cpu() + 1) * 127.5).round().clamp(0, 255).byte().numpy())
        return np.concatenate(parts)


@torch.inference_mode()
def read(call: Callable[[Tensor], Tensor], pictures: Picture, device: str) -> Tensor:
    """What the judge says of pictures, in pieces, on the CPU."""
    return torch.cat([call(some.to(device)).cpu() for some in _split(to_tensor(shrunk(pictures)), 64)])


def _split(pictures: Tensor, size: int) -> Sequence[Tensor]:
    return torch.split(pictures, size)
