"""The pictures as the autoencoder sees them, encoded once and kept on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from training.data import chunk_path, chunks, drawn_by, load_pictures, seeds, write_array
from training.options import Options

PASS = {"cpu": 16}
"""Pictures at a time; on a CPU more cost page faults without being quicker."""


def fingerprint(weights: Path) -> str:
    """Twelve digits that change with the autoencoder, so that old latents are not taken for new ones."""
    return hashlib.sha256(weights.read_bytes()).hexdigest()[:12]


def load_latents(options: Options, vae_folder: Path, *, held_out: bool) -> Tensor:
    """Means of the posteriors times the scaling factor, half precision, `(count, channels, h, w)`."""
    weights = vae_folder / "diffusion_pytorch_model.safetensors"
    folder = options.out / f"latents-{options.side}-{drawn_by()}-{fingerprint(weights)}"
    wanted = list(chunks(seeds(options, held_out=held_out)))
    missing = [chunk for chunk in wanted if not chunk_path(folder, chunk).exists()]
    if missing:
        vae = AutoencoderKL.from_pretrained(vae_folder, local_files_only=True).eval()
        vae.to(options.device, torch.float32, memory_format=torch.channels_last)
        for chunk in missing:
            write_array(chunk_path(folder, chunk), encode(vae, load_pictures(options, chunk)))
    return torch.from_numpy(np.concatenate([np.load(chunk_path(folder, chunk)) for chunk in wanted]))


@torch.inference_mode()
def encode(vae: AutoencoderKL, pictures: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> np.ndarray:
    """Pictures `(count, h, w, 3)` → latents."""
    parts = []
    count = PASS.get(vae.device.type, 256)
    for first in range(0, len(pictures), count):
        batch = to_tensor(pictures[first : first + count]).to(vae.device, memory_format=torch.channels_last)
        parts.append((vae.encode(batch).latent_dist.mean * vae.config.scaling_factor).half().cpu())
    return torch.cat(parts).numpy()


def to_tensor(pictures: np.ndarray) -> Tensor:
    """`(count, h, w, 3)`, 0–255 → `(count, 3, h, w)`, −1…1."""
    return torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
