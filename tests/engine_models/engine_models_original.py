"""Writes models as their first makers did: one file, the names of latent diffusion. The reverse of what is read."""

from __future__ import annotations

import re

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from scumble.engine.models.presets import SD1, SD2, SDXL, Preset

LAYERS = 2
VAE = {**SD1.vae, "block_out_channels": (32, 32, 32, 32), "sample_size": 64}

TINY1 = Preset(
    family="sd1",
    width=32,
    context=32,
    unet={
        "block_out_channels": (32, 64, 64, 64),
        "cross_attention_dim": 32,
        "attention_head_dim": 8,
        "sample_size": 8,
    },
    vae=VAE,
    text_encoder={
        **SD1.text_encoder,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "projection_dim": 32,
    },
    scheduler=SD1.scheduler,
    native=64,
    native_v=96,
)

TINY2 = Preset(
    family="sd2",
    width=32,
    context=48,
    unet={**TINY1.unet, "cross_attention_dim": 48, "attention_head_dim": (2, 4, 4, 4), "use_linear_projection": True},
    vae=VAE,
    text_encoder={**TINY1.text_encoder, "hidden_size": 48, "num_hidden_layers": 3, "hidden_act": "gelu"},
    scheduler=SD2.scheduler,
    native=64,
    native_v=96,
    open_clip=True,
    padding="!",
)

TINYXL = Preset(
    family="sdxl",
    width=32,
    context=80,
    unet={
        **SDXL.unet,
        "block_out_channels": (32, 64, 64),
        "transformer_layers_per_block": (1, 1, 2),
        "attention_head_dim": (2, 4, 4),
        "cross_attention_dim": 80,
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 8 * 6 + 40,
        "sample_size": 8,
    },
    vae={**VAE, "scaling_factor": 0.13025, "force_upcast": True},
    text_encoder=TINY1.text_encoder,
    scheduler=SDXL.scheduler,
    native=64,
    native_v=64,
    text_encoder_2={
        **SDXL.text_encoder_2,
        "hidden_size": 48,
        "intermediate_size": 64,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "projection_dim": 40,
    },
)


class Parts:
    """Random weights of a preset."""

    def __init__(self, preset, channels=4, seed=0):
        torch.manual_seed(seed)
        self.preset = preset
        self.unet = UNet2DConditionModel(**preset.unet, in_channels=channels).eval()
        self.vae = AutoencoderKL(**preset.vae).eval()
        self.text_encoder = CLIPTextModel(CLIPTextConfig(**preset.text_encoder)).eval()
        self.text_encoder_2 = None
        if preset.text_encoder_2 is not None:
            self.text_encoder_2 = CLIPTextModelWithProjection(CLIPTextConfig(**preset.text_encoder_2)).eval()

    def save(self, path, metadata=None, without=(), kind=torch.float16):
        """Writes the file; leaves out tensors whose names begin with one of `without`."""
        text = open_clip(self.text_encoder) if self.preset.open_clip else clip(self.text_encoder)
        if self.text_encoder_2 is not None:
            text = {
                name.replace("cond_stage_model.", "conditioner.embedders.0."): value for name, value in text.items()
            }
            text |= open_clip_2(self.text_encoder_2)
        tensors = {**unet(self.unet), **vae(self.vae), **text}
        kept = {name: value for name, value in tensors.items() if not name.startswith(tuple(without) or "\0")}
        save_file({name: value.to(kind).clone().contiguous() for name, value in kept.items()}, path, metadata)
        return path


def unet(model):
    renamed = {}
    for name, value in model.state_dict().items():
        renamed["model.diffusion_model." + _unet_name(name, model.up_blocks[0])] = value
    return renamed


def _unet_name(name, lowest):
    for ours, theirs in {
        "conv_in.": "input_blocks.0.0.",
        "time_embedding.linear_1.": "time_embed.0.",
        "time_embedding.linear_2.": "time_embed.2.",
        "add_embedding.linear_1.": "label_emb.0.0.",
        "add_embedding.linear_2.": "label_emb.0.2.",
        "conv_norm_out.": "out.0.",
        "conv_out.": "out.2.",
    }.items():
        if name.startswith(ours):
            return theirs + name.removeprefix(ours)
    place, block, kind, index, rest = re.match(
        r"(down|mid|up)_blocks?\.(?:(\d)\.)?(resnets|attentions|downsamplers|upsamplers)\.(\d)\.(.*)", name
    ).groups()
    index, plain = int(index), not hasattr(lowest, "attentions")
    if place == "mid":
        number = {"attentions": 1, "resnets": 2 * index}[kind]
        return f"middle_block.{number}." + (rest if kind == "attentions" else _resnet(rest))
    first = int(block) * (LAYERS + 1)
    if kind == "downsamplers":
        return f"input_blocks.{first + LAYERS + 1}.0.op." + rest.removeprefix("conv.")
    if kind == "upsamplers":
        return f"output_blocks.{first + LAYERS}.{1 if block == '0' and plain else 2}.{rest}"
    where = f"input_blocks.{first + index + 1}" if place == "down" else f"output_blocks.{first + index}"
    return f"{where}.0.{_resnet(rest)}" if kind == "resnets" else f"{where}.1.{rest}"


def _resnet(rest):
    for ours, theirs in {
        "norm1": "in_layers.0",
        "conv1": "in_layers.2",
        "norm2": "out_layers.0",
        "conv2": "out_layers.3",
        "time_emb_proj": "emb_layers.1",
        "conv_shortcut": "skip_connection",
    }.items():
        rest = rest.replace(ours, theirs)
    return rest


def vae(model):
    renamed = {}
    levels = len(model.config.block_out_channels)
    for name, value in model.state_dict().items():
        name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
        name = re.sub(r"mid_block\.resnets\.(\d)", lambda found: f"mid.block_{int(found[1]) + 1}", name)
        name = re.sub(r"down_blocks\.(\d)\.resnets\.", r"down.\1.block.", name)
        name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0\.", r"down.\1.downsample.", name)
        name = re.sub(r"up_blocks\.(\d)\.resnets\.", lambda found: f"up.{levels - 1 - int(found[1])}.block.", name)
        name = re.sub(
            r"up_blocks\.(\d)\.upsamplers\.0\.", lambda found: f"up.{levels - 1 - int(found[1])}.upsample.", name
        )
        if "mid_block.attentions.0" in name:
            name = name.replace("mid_block.attentions.0", "mid.attn_1")
            for ours, theirs in (
                ("group_norm", "norm"),
                ("to_q", "q"),
                ("to_k", "k"),
                ("to_v", "v"),
                ("to_out.0", "proj_out"),
            ):
                name = name.replace(ours, theirs)
            if value.ndim == 2:
                value = value[:, :, None, None]
        renamed["first_stage_model." + name] = value
    return renamed


def clip(model):
    renamed = {"cond_stage_model.transformer.text_model." + name: value for name, value in model.state_dict().items()}
    renamed["cond_stage_model.transformer.text_model.embeddings.position_ids"] = torch.arange(77)[None]
    return renamed


def open_clip_2(model):
    prefix = "conditioner.embedders.1.model."
    state = model.state_dict()
    plain = type(
        "Plain",
        (),
        {
            "config": model.config,
            "state_dict": lambda _self: {
                name.removeprefix("text_model."): value
                for name, value in state.items()
                if not name.startswith("text_proj")
            },
        },
    )()
    return open_clip(plain, prefix, more=0) | {prefix + "text_projection": state["text_projection.weight"].T}


def open_clip(model, prefix="cond_stage_model.model.", more=1):
    state = model.state_dict()
    renamed = {}
    for name, value in state.items():
        if ".self_attn." in name and "out_proj" not in name:
            continue
        name = name.replace("encoder.layers.", "transformer.resblocks.").replace("self_attn", "attn")
        name = name.replace("layer_norm1", "ln_1").replace("layer_norm2", "ln_2")
        name = name.replace("mlp.fc1", "mlp.c_fc").replace("mlp.fc2", "mlp.c_proj")
        name = name.replace("final_layer_norm", "ln_final").replace("embeddings.token_embedding", "token_embedding")
        name = name.replace("embeddings.position_embedding.weight", "positional_embedding")
        renamed[prefix + name] = value
    layers = model.config.num_hidden_layers
    for layer in range(layers):
        for kind in ("weight", "bias"):
            rows = [state[f"encoder.layers.{layer}.self_attn.{part}_proj.{kind}"] for part in "qkv"]
            renamed[f"{prefix}transformer.resblocks.{layer}.attn.in_proj_{kind}"] = torch.cat(rows)
    # That of SD 2 has one layer more, whose output nobody reads.
    last = f"{prefix}transformer.resblocks.{layers - 1}."
    extra = {name.replace(last, f"{prefix}transformer.resblocks.{layers}."): value for name, value in renamed.items()}
    return (
        renamed
        | (extra if more else {})
        | {prefix + "text_projection": torch.zeros(model.config.hidden_size, model.config.hidden_size)}
    )
