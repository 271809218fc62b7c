"""What a safetensors file holds, from the names and shapes of its tensors alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from scumble.engine.models.eraser import FIRST
from scumble.engine.models.files import TensorEntry
from scumble.engine.models.folder import FAMILIES
from scumble.engine.models.wrappers import WRAPPED

Header: TypeAlias = Mapping[str, TensorEntry]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file holds, as `scumble.protocol.ModelEntry` has it. `family` is `unknown` where the tensors do not
    tell."""

    kind: str
    family: str = "unknown"


@dataclass(frozen=True, slots=True)
class Mark:
    """A name of a tensor by which a kind is recognised, and the family where that goes with it."""

    name: re.Pattern[str]
    kind: str
    family: str = ""


_DIFFUSION = r"^(?:model\.diffusion_model\.|diffusion_model\.|transformer\.)?"

MARKS: Final = tuple(
    Mark(re.compile(name), kind, family)
    for name, kind, family in (
        (r"(?:^|\.)(?:lora_controlnet$|control_model\.|input_hint_block\.)", "controlnet", ""),
        (r"^controlnet_cond_embedding\.|^controlnet_x_embedder\.|^controlnet_blocks\.", "controlnet", ""),
        (r"[._]lora(?:_linear_layer)?[._](?:A|B|down|up)(?:\.default)?\.weight$", "lora", ""),
        (r"\.(?:hada_w|lokr_w|dora_scale|lora_magnitude_vector|oft_|lora_mid)", "lora", ""),
        (r"^concept_embeds_weights$", "safety-checker", ""),
        (r"^ip_adapter\.|\.to_k_ip\.|^image_proj\.", "ip-adapter", ""),
        (r"^(?:adapter\.)?body\.\d+\.(?:resnets\.\d+\.)?block1\.weight$", "adapter", ""),
        *((first, "eraser", family) for family, first in FIRST.items()),
        (_DIFFUSION + r"double_blocks\.0\.", "unet", "flux"),
        (_DIFFUSION + r"single_transformer_blocks\.0\.", "unet", "flux"),
        (_DIFFUSION + r"joint_blocks\.0\.", "unet", "sd3"),
        (_DIFFUSION + r"transformer_blocks\.0\.attn\.add_q_proj\.", "unet", "sd3"),
        (r"^model\.diffusion_model\.input_blocks\.0\.0\.weight$", "unet", ""),
        (r"^down_blocks\.0\.resnets\.0\.time_emb_proj\.", "unet", ""),
        (r"^(?:first_stage_model\.|vae\.)?decoder\.(?:mid\.block_1|mid_block)\.", "vae", ""),
        (r"^(?:decoder\.layers\.0|taesd_decoder\.1|decoder\.1)\.weight$", "preview", ""),
        (r"^(?:\d+|layers\.\d+)\.conv\.0\.weight$", "preview", ""),
        (r"^(?:emb_params|string_to_param.*|clip_[lg])$", "embedding", ""),
        (r"vision_model\.embeddings\.|^visual\.", "image-encoder", ""),
        (r"text_model\.embeddings\.|^encoder\.block\.0\.layer\.0\.|^token_embedding\.", "text-encoder", ""),
        (WRAPPED + r"(?:conv_first\.weight$|model\.1\.sub\.0\.)", "upscaler", ""),
        (WRAPPED + r"body\.\d+\.(?:rdb1\.|RDB1\.|weight$)", "upscaler", ""),
        (WRAPPED + r"(?:layers\.0\.(?:residual_group|blocks)\.|residual_layer\.|upsampler\.)", "upscaler", ""),
    )
)
"""In order of precedence. Sources: the files that diffusers, the kohya trainer, the first programs for Stable Diffusion
and the authors of ESRGAN, TAESD, ControlNet and IP-Adapter write."""

TEXT_WIDTHS: Final = {768: "sd1", 1024: "sd2", 1280: "sdxl"}
"""The family by the width of a text encoder's embedding."""

_ATTENDED = re.compile(r"attn2[._]to_(?:k|v)(?:\.weight|[._]lora[._](?:A|down).*)$|to_k_ip\.weight$")
REFINER_WIDTHS: Final = (384, 1280)


def recognise(header: Header) -> Kind:
    """The kind and the family of a file."""
    found = next((mark for mark in MARKS if any(mark.name.search(name) for name in header)), None)
    if found is None:
        return _lone_embedding(header)
    if found.kind == "embedding":
        return Kind("embedding", _embedding_family(header))
    whole = found.kind == "unet" and any(
        name.startswith(("first_stage_model.", "cond_stage_model.", "conditioner.", "vae.", "text_encoders."))
        for name in header
    )
    return Kind("checkpoint" if whole else found.kind, found.family or _family(header))


def _family(header: Header) -> str:
    """By the width of the text that is attended to; in a checkpoint the width of the UNet tells a refiner."""
    context = next((entry.shape[-1] for name, entry in header.items() if _ATTENDED.search(name) and entry.shape), 0)
    first = header.get("model.diffusion_model.input_blocks.0.0.weight") or header.get("conv_in.weight")
    if first is not None and first.shape and (first.shape[0], context) == REFINER_WIDTHS:
        return "sdxl-refiner"
    if any(name.startswith("conditioner.embedders.1.") for name in header):
        return "sdxl"
    return FAMILIES.get(context, "small" if 0 < context < min(FAMILIES) else "unknown")


def _embedding_family(header: Header) -> str:
    if "clip_g" in header:
        return "sdxl"
    widths = [entry.shape[-1] for entry in header.values() if entry.shape]
    return TEXT_WIDTHS.get(max(widths, default=0), "unknown")


def _lone_embedding(header: Header) -> Kind:
    """A single small matrix is a word that was learnt, as diffusers saves one."""
    if len(header) == 1:
        ((_, entry),) = header.items()
        if 1 <= len(entry.shape) <= 2 and entry.shape[-1] in TEXT_WIDTHS:
            return Kind("embedding", TEXT_WIDTHS[entry.shape[-1]])
    return Kind("unknown")
