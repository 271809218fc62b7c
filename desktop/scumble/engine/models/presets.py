"""What the makers of well-known models wrote in their configs: a checkpoint in one file does not say it itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Config = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Preset:
    """A family of checkpoints. `width` is that of the UNet's first layer, `context` that of the text it attends to:
    by these two it is recognised.

    `native` is the side in pixels that it was trained at; with v-prediction that is `native_v`. `open_clip` says in
    whose layout the text encoder is stored. `padding` is the token that fills up a prompt.
    """

    family: str
    width: int
    context: int
    unet: Config
    vae: Config
    text_encoder: Config
    scheduler: Config
    native: int
    native_v: int
    open_clip: bool = False
    padding: str = "<|endoftext|>"
    text_encoder_2: Config | None = None


_LEVELS: Final = 4

_VAE: Final[Config] = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * _LEVELS,
    "up_block_types": ("UpDecoderBlock2D",) * _LEVELS,
    "layers_per_block": 2,
    "latent_channels": 4,
    "sample_size": 512,
    "scaling_factor": 0.18215,
}

_SCHEDULER: Final[Config] = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
    "set_alpha_to_one": False,
    "timestep_spacing": "leading",
}

SD1: Final = Preset(
    family="sd1",
    width=320,
    context=768,
    unet={"cross_attention_dim": 768, "attention_head_dim": 8, "sample_size": 64},
    vae=_VAE,
    text_encoder={
        "vocab_size": 49408,
        "hidden_size": 768,
        "intermediate_size": 3072,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "max_position_embeddings": 77,
        "hidden_act": "quick_gelu",
        "projection_dim": 768,
    },
    scheduler=_SCHEDULER,
    native=512,
    native_v=768,
)
"""Stable Diffusion 1.1 to 1.5 and all that was made from them."""

SD2: Final = Preset(
    family="sd2",
    width=320,
    context=1024,
    unet={
        "cross_attention_dim": 1024,
        "attention_head_dim": (5, 10, 20, 20),
        "use_linear_projection": True,
        "sample_size": 64,
    },
    vae=_VAE,
    text_encoder={
        "vocab_size": 49408,
        "hidden_size": 1024,
        "intermediate_size": 4096,
        "num_hidden_layers": 23,  # of 24: the last one was never used
        "num_attention_heads": 16,
        "max_position_embeddings": 77,
        "hidden_act": "gelu",
        "projection_dim": 512,
    },
    scheduler=_SCHEDULER,
    native=512,
    native_v=768,
    open_clip=True,
    padding="!",
)
"""Stable Diffusion 2.0 and 2.1."""

SDXL: Final = Preset(
    family="sdxl",
    width=320,
    context=2048,
    unet={
        "block_out_channels": (320, 640, 1280),
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "transformer_layers_per_block": (1, 2, 10),
        "attention_head_dim": (5, 10, 20),
        "cross_attention_dim": 2048,
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 2816,
        "sample_size": 128,
    },
    vae={**_VAE, "sample_size": 1024, "scaling_factor": 0.13025, "force_upcast": True},
    text_encoder=SD1.text_encoder,
    scheduler=_SCHEDULER,
    native=1024,
    native_v=1024,
    text_encoder_2={
        **SD2.text_encoder,
        "hidden_size": 1280,
        "intermediate_size": 5120,
        "num_hidden_layers": 32,
        "num_attention_heads": 20,
        "projection_dim": 1280,
    },
)
"""Stable Diffusion XL and all that was made from it, but not its refiner."""

SD3: Final = Preset(
    family="sd3",
    width=1536,
    context=4096,
    unet={},
    vae={
        **_VAE,
        "latent_channels": 16,
        "sample_size": 1024,
        "scaling_factor": 1.5305,
        "shift_factor": 0.0609,
        "use_quant_conv": False,
        "use_post_quant_conv": False,
    },
    text_encoder=SD1.text_encoder,
    scheduler={"_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": 1000, "shift": 3.0},
    native=1024,
    native_v=1024,
    text_encoder_2=SDXL.text_encoder_2,
)
"""Stable Diffusion 3 and 3.5 in all sizes: the file tells its transformer's."""

PRESETS: Final = (SD1, SD2, SDXL, SD3)
