"""Stable Diffusion's safety checker, where a person has its files: which pictures it flags, and how they are blurred.

It compares what CLIP sees in a picture with embeddings of concepts, each with a threshold; the class and the files are
diffusers' (`StableDiffusionSafetyChecker`).
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file

from scumble.api import Picture
from scumble.engine.models.files import read_header, read_json

BLUR: Final = 16
"""The part of the longer side that the deviation of the blur is: shapes and colours are left, and nothing else."""

MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Of the channels of CLIP's training pictures, for a folder that does not say (Radford et al., Learning Transferable
Visual Models From Natural Language Supervision)."""

PROCESSORS: Final = ("preprocessor_config.json", "../feature_extractor/preprocessor_config.json")
"""Where the settings of its image processor lie, seen from the weights."""


class SafetyChecker:
    """A checker in memory, on the processor."""

    def __init__(self, network: Any, side: int, mean: Sequence[float], deviation: Sequence[float]) -> None:
        self._network = network
        self._side = side
        self._mean, self._deviation = np.asarray(mean, np.float32), np.asarray(deviation, np.float32)

    @torch.no_grad()
    def flagged(self, picture: Picture) -> bool:
        """Whether it finds in a picture what it was made to find."""
        seen = torch.from_numpy(self._seen(picture))[None]
        _, found = self._network(clip_input=seen, images=[np.zeros((1, 1, 3), np.float32)])
        return bool(found[0])

    def _seen(self, picture: Picture) -> NDArray[np.float32]:
        """(3, side, side): the middle of the picture, as CLIP's image processor scales it."""
        image = Image.fromarray(np.ascontiguousarray(picture[..., :3]))
        scale = self._side / min(image.size)
        image = image.resize(
            (max(round(image.width * scale), self._side), max(round(image.height * scale), self._side)),
            Image.Resampling.BICUBIC,
        )
        left, top = (image.width - self._side) // 2, (image.height - self._side) // 2
        values = np.asarray(image.crop((left, top, left + self._side, top + self._side)), np.float32) / 255.0
        return np.ascontiguousarray(((values - self._mean) / self._deviation).transpose(2, 0, 1))


def blurred(picture: Picture) -> Picture:
    """The picture beyond recognition; transparency stays as it is."""
    small = cv2.resize(picture[..., :3], (BLUR, BLUR), interpolation=cv2.INTER_AREA)
    size = picture.shape[1], picture.shape[0]
    spread = cv2.resize(cv2.GaussianBlur(small, (0, 0), 1.0), size, interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(np.dstack([spread, picture[..., 3:]]), np.uint8)


def load_safety(path: Path) -> SafetyChecker:
    """Reads the weights in a file, beside which its config.json lies.

    Raises `ValueError` with a plain reason, or `OSError`.
    """
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig, CLIPVisionConfig

    config = read_json(path.parent / "config.json")
    vision = config.get("vision_config")
    if not isinstance(vision, dict):
        raise ValueError("its config.json does not say how it sees")
    known = inspect.signature(CLIPVisionConfig).parameters
    wanted = {key: value for key, value in vision.items() if key in known and isinstance(value, int | float | str)}
    read_header(path)
    try:
        with torch.device("meta"):
            network = StableDiffusionSafetyChecker(
                CLIPConfig(vision_config=wanted, projection_dim=int(config.get("projection_dim", 768)))
            )
        _fill(network, load_file(path))
    except (TypeError, KeyError, AttributeError, RuntimeError, SafetensorError) as error:
        raise ValueError(f"its settings and its weights do not agree ({error})") from error
    return SafetyChecker(network.eval().requires_grad_(False), int(wanted["image_size"]), *_statistics(path))


def _fill(network: torch.nn.Module, tensors: Mapping[str, torch.Tensor]) -> None:
    """Puts weights in place, under either of the names that versions of transformers give them."""
    wanted = network.state_dict()
    named = {_bare(name): tensor.float() for name, tensor in tensors.items()}
    missing = [name for name in wanted if _bare(name) not in named]
    if missing:
        raise KeyError(missing[0])
    network.load_state_dict({name: named[_bare(name)] for name in wanted}, assign=True)
    for owner in network.modules():
        if (ids := getattr(owner, "position_ids", None)) is not None:
            owner.position_ids = torch.arange(ids.shape[-1])[None]


def _bare(name: str) -> str:
    return name.replace("vision_model.", "")


def _statistics(path: Path) -> tuple[Sequence[float], Sequence[float]]:
    """Mean and deviation of the channels, as its image processor has them."""
    for place in PROCESSORS:
        if (path.parent / place).is_file():
            said = read_json(path.parent / place)
            mean, deviation = _colour(said.get("image_mean")), _colour(said.get("image_std"))
            if mean and deviation:
                return mean, deviation
    return MEAN, DEVIATION


def _colour(values: object) -> tuple[float, ...]:
    """Three numbers; nothing where it is something else."""
    fits = isinstance(values, list) and len(values) == 3 and all(isinstance(each, int | float) for each in values)
    return tuple(values) if fits and isinstance(values, list) else ()
