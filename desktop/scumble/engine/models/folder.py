"""A model in diffusers' folder layout: what it is, from its JSON files and tensor headers alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scumble.api import ModelInfo
from scumble.engine.models.fewsteps import flux_suits, suits_model
from scumble.engine.models.files import TensorEntry, hash_files, read_header, read_json, weight_files

PIPELINES: Final = tuple(
    f"{kind}{work}Pipeline"
    for kind in ("StableDiffusion", "StableDiffusionXL", "StableDiffusion3", "Flux")
    for work in ("", "Img2Img", "Inpaint")
)
"""The `_class_name`s whose components the loader knows how to put together."""

WEIGHTS: Final = {
    "unet": "diffusion_pytorch_model",
    "vae": "diffusion_pytorch_model",
    "text_encoder": "model",
}
"""The components that have weights, with the stem of their files' names."""

SECOND: Final = {"text_encoder_2": "model"}
"""Those that SDXL has besides."""

JOINT: Final = "transformer"
"""The component that SD 3 has for a UNet."""

FLUX_SIDE: Final = 1024
"""The side, in pixels, that Flux was trained at, which its settings do not say."""

THIRD: Final = "text_encoder_3"
"""T5, which SD 3 can do without."""

STEMS: Final = {**WEIGHTS, **SECOND, JOINT: "diffusion_pytorch_model", THIRD: "model"}
"""All of them."""

FAMILIES: Final = {768: "sd1", 1024: "sd2", 2048: "sdxl"}
"""The family by the width of the text that the UNet attends to; anything else is `small`."""

MAX_LEVELS: Final = 8
MAX_NATIVE: Final = 1 << 14
MAX_TOKENS: Final = 1 << 16
"""Levels of an autoencoder, the side in pixels that a model was trained at, and tokens that it reads: no settings that
make sense say more."""

UNSAFE_KEYS: Final = ("auto_map", "trust_remote_code", "quantization_config", "custom_pipelines", "_name_or_path")
"""Keys of a config.json that can make a library fetch or run code; they are dropped."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model on disk that can be loaded. `configs` holds the filtered config of each component and the scheduler's."""

    path: Path
    info: ModelInfo
    configs: Mapping[str, Mapping[str, Any]]

    @property
    def tokenizer(self) -> Path:
        """The folder of its tokenizer."""
        return self.path / "tokenizer"

    @property
    def tokenizer_2(self) -> Path:
        """The folder of the tokenizer of the second text encoder."""
        return self.path / "tokenizer_2"

    @property
    def padding(self) -> str:
        """The token that fills up a prompt; empty: as its tokenizer says."""
        return ""

    @property
    def weights(self) -> dict[str, tuple[Path, ...]]:
        """The weight files of each component. Raises `ValueError` if one is missing."""
        return {name: weight_files(self.path / name, stem) for name, stem in STEMS.items() if name in self.configs}

    def sha256(self, check_cancelled: Callable[[], None]) -> str:
        """A hash of all weight files in order of component and name: what a recipe names the model by."""
        return hash_files((path for _, files in sorted(self.weights.items()) for path in files), check_cancelled)


def is_model_folder(path: Path) -> bool:
    """Whether a folder claims to be a model in diffusers' layout."""
    return os.path.isfile(path / "model_index.json")  # a path may be one that raises, as below a closed folder


def read_folder(path: Path) -> ModelFolder:
    """Reads and checks a folder. Raises `ValueError` with a plain reason; reads no tensor's data."""
    kind = read_json(path / "model_index.json").get("_class_name")
    if kind not in PIPELINES:
        raise ValueError(f"it is a {kind}, which Scumble cannot run yet")
    joint = kind.startswith(("StableDiffusion3", "Flux"))
    large = joint or kind.startswith("StableDiffusionXL")
    if not joint and large and not (path / "text_encoder").is_dir():
        raise ValueError("it is the refiner of SDXL, which only finishes pictures; choose an SDXL model itself")
    names = [*WEIGHTS, *SECOND] if large else [*WEIGHTS]
    if joint:
        names[0] = JOINT
        names += [THIRD] if has_t5(path) else []
    if kind.startswith("Flux") and not (path / "tokenizer_2" / "tokenizer.json").is_file():
        raise ValueError("its tokenizer_2/tokenizer.json is missing, without which T5 cannot read a prompt")
    configs = {name: clean_config(read_json(path / name / "config.json")) for name in names}
    configs["scheduler"] = clean_config(read_json(path / "scheduler" / "scheduler_config.json"))
    if kind.startswith("Flux"):
        configs["scheduler"] |= {"even_levels": True}
    for folder in ("tokenizer", "tokenizer_2") if large else ("tokenizer",):
        if not any((path / folder / name).is_file() for name in ("tokenizer.json", "vocab.json")):
            raise ValueError(f"its {folder} is missing")
    header = _headers(weight_files(path / names[0], STEMS[names[0]]))
    try:
        info = _info(path, configs, header)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"its settings make no sense ({error})") from error
    return ModelFolder(path, info, configs)


def has_t5(path: Path) -> bool:
    """Whether a folder brings T5 with the tokenizer that it needs."""
    return (path / THIRD / "config.json").is_file() and (path / "tokenizer_3" / "tokenizer.json").is_file()


def is_flux(config: Mapping[str, Any]) -> bool:
    """Whether a transformer's config is that of Flux."""
    return config.get("_class_name") == "FluxTransformer2DModel"


def clean_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """A config without anything that could make a library fetch or run something."""
    return {
        key: value
        for key, value in config.items()
        if key not in UNSAFE_KEYS and not key.startswith(("_attn_implementation", "_experts_implementation"))
    }


def _headers(paths: tuple[Path, ...]) -> dict[str, TensorEntry]:
    merged: dict[str, TensorEntry] = {}
    for path in paths:
        merged.update(read_header(path))
    return merged


def _info(path: Path, configs: Mapping[str, Mapping[str, Any]], header: Mapping[str, TensorEntry]) -> ModelInfo:
    joint = JOINT in configs
    unet, vae, text = configs[JOINT if joint else "unet"], configs["vae"], configs["text_encoder"]
    channels = int(vae.get("latent_channels", 4))
    flux = joint and is_flux(unet)
    first = header["x_embedder.weight" if flux else "pos_embed.proj.weight" if joint else "conv_in.weight"].shape[1]
    first = first // 4 if flux else first  # four cells are one token
    if first != channels and (joint or first != 2 * channels + 1):
        raise ValueError(f"a network with {first} input channels does not fit an autoencoder with {channels}")
    width = 2048 if "text_encoder_2" in configs else int(unet["cross_attention_dim"])
    levels = len(vae["block_out_channels"])
    factor = 2 ** min(levels - 1, MAX_LEVELS)
    native = FLUX_SIDE if flux else int(unet["sample_size"]) * factor
    tokens = int(text.get("max_position_embeddings", 77))
    if not (1 <= levels <= MAX_LEVELS and 0 < native <= MAX_NATIVE and 0 < tokens <= MAX_TOKENS):
        raise ValueError(f"{levels} levels, {native} pixels, {tokens} tokens")
    return ModelInfo(
        id=path.name,
        title=path.name.replace("_", " ").replace("-", " ").strip().capitalize(),
        family="flux" if flux else "sd3" if joint else FAMILIES.get(width, "small"),
        native=native,
        factor=factor,
        latent_channels=channels,
        inpainting=first != channels,
        tokens=tokens,
        suits=flux_suits(unet)
        if flux
        else suits_model(path.name, {}, configs["scheduler"], distilled=bool(unet.get("time_cond_proj_dim"))),
    )
