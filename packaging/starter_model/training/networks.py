"""The three networks, new or from a diffusers folder, and the schedule of noise."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from training.tokens import LENGTH

WIDTH: Final = 192
"""Of the text encoder's states, and so of the UNet's cross attention."""
LATENT_CHANNELS: Final = 4
FACTOR: Final = 4
TIMES: Final = 1000
"""Levels of noise."""


def scheduler() -> DDIMScheduler:
    """v-prediction on the cosine schedule of Nichol and Dhariwal (2021), trailing timesteps."""
    return DDIMScheduler(
        num_train_timesteps=TIMES,
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        timestep_spacing="trailing",
    )


def autoencoder(side: int, init: Path | None, widths: tuple[int, ...] = (16, 64, 128)) -> AutoencoderKL:
    """A quarter of the side, four channels; 2.5 M parameters."""
    if init:
        return AutoencoderKL.from_pretrained(init / "vae", local_files_only=True).float()
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        block_out_channels=widths,
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=8,
        sample_size=side,
        mid_block_add_attention=False,
        scaling_factor=1.0,
    )


def text_encoder(tokenizer: CLIPTokenizer, init: Path | None, width: int = WIDTH) -> CLIPTextModel:
    """Three layers; 1.6 M parameters."""
    if init:
        return CLIPTextModel.from_pretrained(init / "text_encoder", local_files_only=True).float()
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=3,
            num_attention_heads=4,
            max_position_embeddings=LENGTH,
            projection_dim=width,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def denoiser(
    side: int, init: Path | None, widths: tuple[int, ...] = (48, 96, 192), width: int = WIDTH
) -> UNet2DConditionModel:
    """One convolution without attention, two levels with; 9.5 M parameters."""
    if init:
        return UNet2DConditionModel.from_pretrained(init / "unet", local_files_only=True).float()
    return UNet2DConditionModel(
        sample_size=side // FACTOR,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=widths,
        layers_per_block=1,
        cross_attention_dim=width,
        attention_head_dim=4,
        norm_num_groups=16,
    )
