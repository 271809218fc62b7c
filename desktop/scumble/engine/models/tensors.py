"""The tensors of a model's components, by the names that diffusers and transformers give them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from scumble.engine.models.checkpoint import ModelFile
from scumble.engine.models.files import read_header
from scumble.engine.models.folder import JOINT, ModelFolder
from scumble.engine.models.sd3 import NETWORK, TEXTS

Tensors: TypeAlias = dict[str, torch.Tensor]

OPEN_CLIP: Final = "cond_stage_model.model."
OPEN_CLIP_2: Final = "conditioner.embedders.1.model."
"""What the names of a text encoder's tensors begin with in SD 2, and of the second one in SDXL."""


def read_tensors(source: ModelFolder | ModelFile, vae: Path | None = None) -> Callable[[str], Tensors]:
    """A function from the name of a component to its tensors, mapped from disk and read when they are first used.

    `vae` is a file of another autoencoder. The function raises `ValueError` with a plain reason.
    """
    own = _own_tensors(source)
    return lambda name: read_vae(vae, source.configs[name]) if vae is not None and name == "vae" else own(name)


def read_vae(path: Path, config: Mapping[str, Any]) -> Tensors:
    """An autoencoder from a file of its own, in the layout of latent diffusion or of diffusers."""
    from diffusers.loaders import single_file_utils as original

    tensors = _load((path,))
    if not any(".mid.block_1." in name for name in tensors):
        return tensors
    try:
        found: Tensors = original.convert_ldm_vae_checkpoint(tensors, dict(config))
    except (KeyError, IndexError, AttributeError, TypeError) as error:
        raise ValueError(f"its weights are incomplete ({error})") from error
    return found


def _own_tensors(source: ModelFolder | ModelFile) -> Callable[[str], Tensors]:
    if isinstance(source, ModelFile):
        everything = _load((source.path,))
        return lambda name: _converted(source, name, everything)
    weights = source.weights
    return lambda name: _load(weights[name])


def _load(files: Iterable[Path]) -> Tensors:
    tensors: Tensors = {}
    for path in files:
        read_header(path)
        try:
            tensors.update(load_file(path))
        except SafetensorError as error:
            raise ValueError(f"{path.name} is damaged") from error
    return tensors


def _converted(source: ModelFile, name: str, everything: Tensors) -> Tensors:
    """One component of a checkpoint in the original layout."""
    from diffusers.loaders import single_file_utils as original

    config = dict(source.configs[name])
    try:
        if name == "unet":
            found: Tensors = original.convert_ldm_unet_checkpoint(everything, {"layers_per_block": 2, **config})
        elif name == "vae":
            found = original.convert_ldm_vae_checkpoint(everything, config)
        elif name == JOINT:
            found = original.convert_sd3_transformer_checkpoint_to_diffusers(_below(NETWORK, everything))
        elif JOINT in source.configs:
            found = _below(TEXTS[name], everything)
            if name == "text_encoder":  # its summary is used as it is, though newer classes have a layer for it
                found["text_projection.weight"] = torch.eye(config["hidden_size"])
        elif source.preset.open_clip or name == "text_encoder_2":
            shape = type("Text", (), {"config": type("Config", (), config)})
            prefix = OPEN_CLIP_2 if name == "text_encoder_2" else OPEN_CLIP
            found = original.convert_open_clip_checkpoint(shape, everything, prefix)
            found = {key: tensor for key, tensor in found.items() if _layer(key) < config["num_hidden_layers"]}
        else:
            found = original.convert_ldm_clip_checkpoint(everything)
    except (KeyError, IndexError, AttributeError, TypeError) as error:
        raise ValueError(f"the weights of its {name} are incomplete ({error})") from error
    return {key: tensor for key, tensor in found.items() if tensor is not None}


def _below(prefix: str, tensors: Tensors) -> Tensors:
    """Those whose names begin with the prefix, without it."""
    return {key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)}


def _layer(key: str) -> int:
    """The number of the text encoder's layer that a tensor belongs to; -1 for the rest."""
    parts = key.partition("encoder.layers.")[2].partition(".")[0]
    return int(parts) if parts.isdigit() else -1
