"""Stable Diffusion 3 in one safetensors file, in the layout of its authors: its shape, from the header alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from scumble.engine.models.files import TensorEntry

NETWORK: Final = "model.diffusion_model."
"""What the names of the transformer's tensors begin with."""

TEXTS: Final = {
    "text_encoder": "text_encoders.clip_l.transformer.",
    "text_encoder_2": "text_encoders.clip_g.transformer.",
}
"""The same of the text encoders. T5 may be there, too, but never the tokenizer that it needs."""

MARK: Final = NETWORK + "joint_blocks.0.context_block.attn.qkv.weight"
"""A tensor that only these models have."""

HEAD: Final = 64
"""The width of an attention head in all sizes of the model."""


def is_sd3(header: Mapping[str, TensorEntry]) -> bool:
    """Whether a file holds such a model."""
    return MARK in header


def transformer_config(header: Mapping[str, TensorEntry], native: int, factor: int) -> dict[str, Any]:
    """The settings of diffusers' class for the transformer in a file, whatever its size.

    Raises `KeyError` or `IndexError` where tensors lack or have no such shape.
    """
    shapes = {name.removeprefix(NETWORK): entry.shape for name, entry in header.items() if name.startswith(NETWORK)}
    blocks = {int(name.split(".")[1]) for name in shapes if name.startswith("joint_blocks.")}
    double = {int(name.split(".")[1]) for name in shapes if ".attn2." in name}
    first = shapes["x_embedder.proj.weight"]
    return {
        "sample_size": native // factor,
        "patch_size": first[2],
        "in_channels": first[1],
        "out_channels": first[1],
        "num_layers": len(blocks),
        "attention_head_dim": HEAD,
        "num_attention_heads": first[0] // HEAD,
        "joint_attention_dim": shapes["context_embedder.weight"][1],
        "caption_projection_dim": shapes["context_embedder.weight"][0],
        "pooled_projection_dim": shapes["y_embedder.mlp.0.weight"][1],
        "pos_embed_max_size": math.isqrt(shapes["pos_embed"][1]),
        "dual_attention_layers": tuple(sorted(double)),
        "qk_norm": "rms_norm" if any(name.endswith(".ln_q.weight") for name in shapes) else None,
    }
