"""Tiny models that follow a flow: random weights, as folders of diffusers and as files of their authors."""

from __future__ import annotations

import re
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
)
from engine_models_original import TINYXL, VAE, vae
from safetensors.torch import save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

import scumble_resources
from scumble.engine.models.presets import SD3, Preset

WIDTH, CHANNELS = 96, 16

TINY3 = Preset(
    family="sd3",
    width=64,
    context=WIDTH,
    unet={},
    vae={
        **SD3.vae,
        "block_out_channels": VAE["block_out_channels"],
        "sample_size": 64,
    },
    text_encoder=TINYXL.text_encoder,
    scheduler=SD3.scheduler,
    native=64,
    native_v=64,
    text_encoder_2=TINYXL.text_encoder_2,
)


def clip_tokenizer(padding):
    made = CLIPTokenizer.from_pretrained(str(Path(next(iter(scumble_resources.__path__))) / "clip_tokenizer"))
    made.model_max_length, made.pad_token = 77, padding
    return made


def t5_tokenizer():
    pieces = [
        ("▁", -2.0),
        *((letter, -3.0) for letter in "abcdefghijklmnopqrstuvwxyz,.()"),
        ("▁red", -1.0),
        ("▁a", -1.5),
    ]
    return T5Tokenizer(vocab=[("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *pieces], extra_ids=0)


def t5_encoder():
    config = T5Config(
        vocab_size=48, d_model=WIDTH, d_kv=8, d_ff=64, num_layers=2, num_heads=4, feed_forward_proj="gated-gelu"
    )
    return T5EncoderModel(config).eval()


class Joint:
    """The parts of a tiny Stable Diffusion 3; `newer` is built as 3.5 is."""

    def __init__(self, *, newer=False, t5=True, seed=0):
        torch.manual_seed(seed)
        self.transformer = SD3Transformer2DModel(
            sample_size=8,
            in_channels=CHANNELS,
            out_channels=CHANNELS,
            num_layers=3,
            attention_head_dim=64,
            num_attention_heads=1,
            joint_attention_dim=WIDTH,
            caption_projection_dim=64,
            pooled_projection_dim=32 + 40,
            pos_embed_max_size=12,
            dual_attention_layers=(0, 1) if newer else (),
            qk_norm="rms_norm" if newer else None,
        ).eval()
        self.vae = AutoencoderKL(**TINY3.vae).eval()
        self.text_encoder = CLIPTextModelWithProjection(CLIPTextConfig(**TINY3.text_encoder)).eval()
        torch.nn.init.eye_(self.text_encoder.text_projection.weight)
        self.text_encoder_2 = CLIPTextModelWithProjection(CLIPTextConfig(**TINY3.text_encoder_2)).eval()
        self.text_encoder_3 = t5_encoder() if t5 else None

    def pipeline(self, kind=StableDiffusion3Pipeline, scheduler=None):
        made = kind(
            transformer=self.transformer,
            scheduler=scheduler or FlowMatchEulerDiscreteScheduler(shift=3.0),
            vae=self.vae,
            text_encoder=self.text_encoder,
            tokenizer=clip_tokenizer("<|endoftext|>"),
            text_encoder_2=self.text_encoder_2,
            tokenizer_2=clip_tokenizer("!"),
            text_encoder_3=self.text_encoder_3,
            tokenizer_3=t5_tokenizer() if self.text_encoder_3 is not None else None,
        )
        made.set_progress_bar_config(disable=True)
        return made

    def save(self, path, without=(), kind=torch.float32):
        """Writes the file as the authors of the model do, with CLIP; T5 is there, too, if the model has it."""
        tensors = {**transformer(self.transformer), **vae(self.vae)}
        for prefix, encoder in (("clip_l", self.text_encoder), ("clip_g", self.text_encoder_2)):
            tensors |= {
                f"text_encoders.{prefix}.transformer.{name}": value for name, value in encoder.state_dict().items()
            }
        if self.text_encoder_3 is not None:
            words = self.text_encoder_3.state_dict()["shared.weight"]
            tensors["text_encoders.t5xxl.transformer.shared.weight"] = words
        kept = {name: value for name, value in tensors.items() if not name.startswith(tuple(without) or "\0")}
        save_file({name: value.to(kind).clone().contiguous() for name, value in kept.items()}, path)
        return path


class Flux:
    """The parts of a tiny Flux; `told` is its kind that is told the guidance scale."""

    def __init__(self, *, told=True):
        torch.manual_seed(0)
        self.told = told
        self.transformer = FluxTransformer2DModel(
            in_channels=4 * CHANNELS,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=WIDTH,
            pooled_projection_dim=32,
            guidance_embeds=told,
            axes_dims_rope=(4, 4, 8),
        ).eval()
        self.vae = AutoencoderKL(**TINY3.vae).eval()
        self.text_encoder = CLIPTextModel(CLIPTextConfig(**TINY3.text_encoder)).eval()
        self.text_encoder_2 = t5_encoder()

    def pipeline(self, kind=FluxPipeline, scheduler=None):
        shift = {"shift": 3.0, "use_dynamic_shifting": True} if self.told else {"shift": 1.0}
        made = kind(
            transformer=self.transformer,
            scheduler=scheduler or FlowMatchEulerDiscreteScheduler(**shift),
            vae=self.vae,
            text_encoder=self.text_encoder,
            tokenizer=clip_tokenizer("<|endoftext|>"),
            text_encoder_2=self.text_encoder_2,
            tokenizer_2=t5_tokenizer(),
        )
        made.set_progress_bar_config(disable=True)
        return made


PLAIN = {
    "pos_embed.pos_embed": "pos_embed",
    "pos_embed.proj": "x_embedder.proj",
    "time_text_embed.timestep_embedder.linear_1": "t_embedder.mlp.0",
    "time_text_embed.timestep_embedder.linear_2": "t_embedder.mlp.2",
    "time_text_embed.text_embedder.linear_1": "y_embedder.mlp.0",
    "time_text_embed.text_embedder.linear_2": "y_embedder.mlp.2",
    "context_embedder": "context_embedder",
    "norm_out.linear": "final_layer.adaLN_modulation.1",
    "proj_out": "final_layer.linear",
}
BLOCK = {
    "attn.to_out.0": "x_block.attn.proj",
    "attn.to_add_out": "context_block.attn.proj",
    "attn2.to_out.0": "x_block.attn2.proj",
    "attn.norm_q": "x_block.attn.ln_q",
    "attn.norm_k": "x_block.attn.ln_k",
    "attn.norm_added_q": "context_block.attn.ln_q",
    "attn.norm_added_k": "context_block.attn.ln_k",
    "attn2.norm_q": "x_block.attn2.ln_q",
    "attn2.norm_k": "x_block.attn2.ln_k",
    "norm1.linear": "x_block.adaLN_modulation.1",
    "norm1_context.linear": "context_block.adaLN_modulation.1",
    "ff.net.0.proj": "x_block.mlp.fc1",
    "ff.net.2": "x_block.mlp.fc2",
    "ff_context.net.0.proj": "context_block.mlp.fc1",
    "ff_context.net.2": "context_block.mlp.fc2",
}
STACKED = {
    "x_block.attn.qkv": ("attn.to_q", "attn.to_k", "attn.to_v"),
    "context_block.attn.qkv": ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"),
    "x_block.attn2.qkv": ("attn2.to_q", "attn2.to_k", "attn2.to_v"),
}


def transformer(model):
    state, last = model.state_dict(), model.config.num_layers - 1
    renamed = {}
    for name, value in state.items():
        inner = re.match(r"transformer_blocks\.(\d+)\.(.*)", name)
        layer, _, kind = (inner[2] if inner else name).rpartition(".")
        if inner is None:
            renamed[PLAIN.get(name) or f"{PLAIN[layer]}.{kind}"] = (
                value if layer != "norm_out.linear" else _swapped(value)
            )
        elif layer in BLOCK:
            # the last block's text side, and the last layer, have scale and shift the other way round
            turned = layer == "norm1_context.linear" and int(inner[1]) == last
            renamed[f"joint_blocks.{inner[1]}.{BLOCK[layer]}.{kind}"] = _swapped(value) if turned else value
    for index in range(last + 1):
        for theirs, ours in STACKED.items():
            for kind in ("weight", "bias"):
                rows = [state.get(f"transformer_blocks.{index}.{part}.{kind}") for part in ours]
                if rows[0] is not None:
                    renamed[f"joint_blocks.{index}.{theirs}.{kind}"] = torch.cat(rows)
    return {f"model.diffusion_model.{name}": value for name, value in renamed.items()}


def _swapped(value):
    first, second = value.chunk(2)
    return torch.cat([second, first])
