"""The diffusers folder: half precision, standard names, nothing in the configurations that tells where it was made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

import torch

from training.networks import scheduler

LOCAL: Final = ("_name_or_path", "is_local", "local_files_only", "backend")
SHARD: Final = "15MB"
INDEX: Final = {
    "_class_name": "StableDiffusionPipeline",
    "_diffusers_version": "0.42.1",
    "feature_extractor": [None, None],
    "image_encoder": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def export(parts: dict[str, Any], tokenizer: Path, folder: Path, *, shard: bool = False) -> None:
    """Writes the whole pipeline. `parts` holds text_encoder, unet and vae; the tokenizer's files are copied."""
    folder.mkdir(parents=True, exist_ok=True)
    limit = {"max_shard_size": SHARD} if shard else {}
    for name in ("text_encoder", "unet", "vae"):
        shutil.rmtree(folder / name, ignore_errors=True)
        module = parts[name]
        weights = {
            key: value.detach().to("cpu", torch.float16).contiguous() for key, value in module.state_dict().items()
        }
        twin = module.__class__.from_config(module.config) if hasattr(module, "register_to_config") else None
        twin = twin or module.__class__(module.config)
        twin.half().load_state_dict(weights)
        twin.to(memory_format=torch.contiguous_format).save_pretrained(folder / name, **limit)
    scheduler().save_pretrained(folder / "scheduler")
    if tokenizer.resolve() != (folder / "tokenizer").resolve():
        shutil.copytree(tokenizer, folder / "tokenizer", dirs_exist_ok=True)
    (folder / "model_index.json").write_text(json.dumps(INDEX, indent=2) + "\n")
    for path in folder.rglob("*config.json"):
        clean(path)


def clean(path: Path) -> None:
    """Takes out of a configuration what belongs to the machine that made it. A dtype becomes float32: transformers
    would compute in the stored one, half precision, unlike diffusers, and the two would not fit together."""
    values = {name: value for name, value in json.loads(path.read_text()).items() if name not in LOCAL}
    if "dtype" in values:
        values["dtype"] = "float32"
    path.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")
