"""What a file holds is told from its header: names and shapes, no values."""

from __future__ import annotations

import json

import pytest
import torch
from engine_models_loras import made_by_kohya, made_by_peft
from engine_models_original import TINY1, TINYXL, Parts
from safetensors.torch import save_file

from scumble.engine.models.files import TensorEntry, read_header
from scumble.engine.models.kinds import recognise
from scumble.engine.models.presets import PRESETS
from scumble.engine.models.survey import describe, stamp_of
from scumble.engine.models.trees import model_folders, name_of, program_of

UNET = "model.diffusion_model."
TABLE = [
    (
        {
            UNET + "input_blocks.0.0.weight": (320, 4, 3, 3),
            UNET + "x.attn2.to_k.weight": (320, 768),
            "first_stage_model.a": (),
        },
        ("checkpoint", "sd1"),
    ),
    (
        {
            UNET + "input_blocks.0.0.weight": (320, 9, 3, 3),
            UNET + "x.attn2.to_k.weight": (320, 1024),
            "cond_stage_model.a": (),
        },
        ("checkpoint", "sd2"),
    ),
    (
        {UNET + "input_blocks.0.0.weight": (320, 4, 3, 3), "conditioner.embedders.1.model.ln_final.weight": (1280,)},
        ("checkpoint", "sdxl"),
    ),
    (
        {
            UNET + "input_blocks.0.0.weight": (384, 4, 3, 3),
            UNET + "x.attn2.to_k.weight": (384, 1280),
            "conditioner.a": (),
        },
        ("checkpoint", "sdxl-refiner"),
    ),
    ({UNET + "input_blocks.0.0.weight": (320, 4, 3, 3), UNET + "x.attn2.to_k.weight": (320, 768)}, ("unet", "sd1")),
    (
        {"conv_in.weight": (320, 4, 3, 3), "down_blocks.0.resnets.0.time_emb_proj.weight": (320, 1280)},
        ("unet", "unknown"),
    ),
    ({UNET + "joint_blocks.0.x_block.attn.qkv.weight": (4608, 1536), "first_stage_model.a": ()}, ("checkpoint", "sd3")),
    ({"transformer_blocks.0.attn.add_q_proj.weight": (1536, 1536)}, ("unet", "sd3")),
    ({UNET + "double_blocks.0.img_attn.qkv.weight": (9216, 3072)}, ("unet", "flux")),
    ({"double_blocks.0.img_attn.qkv.weight": (9216, 3072), "text_encoders.t5xxl.a": ()}, ("checkpoint", "flux")),
    ({"single_transformer_blocks.0.attn.norm_k.weight": (128,)}, ("unet", "flux")),
    ({"lora_unet_mid_block_attn2_to_k.lora_down.weight": (8, 768)}, ("lora", "sd1")),
    ({"unet.mid_block.attn2.to_k.lora_A.weight": (8, 2048)}, ("lora", "sdxl")),
    ({"lora_unet_mid_block_attn2_to_k.hada_w1_a": (8, 8)}, ("lora", "unknown")),
    ({"double_blocks.0.img_attn.qkv.lora_A.weight": (16, 3072)}, ("lora", "unknown")),
    ({"emb_params": (4, 768)}, ("embedding", "sd1")),
    ({"<cat-toy>": (1024,)}, ("embedding", "sd2")),
    ({"clip_l": (2, 768), "clip_g": (2, 1280)}, ("embedding", "sdxl")),
    ({"first_stage_model.decoder.mid.block_1.conv1.weight": (512, 512, 3, 3)}, ("vae", "unknown")),
    (
        {"decoder.mid.block_1.conv1.weight": (512, 512, 3, 3), "encoder.conv_in.weight": (128, 3, 3, 3)},
        ("vae", "unknown"),
    ),
    ({"decoder.mid_block.resnets.0.conv1.weight": (512, 512, 3, 3)}, ("vae", "unknown")),
    ({"decoder.layers.0.weight": (64, 4, 3, 3)}, ("preview", "unknown")),
    (
        {"control_model.input_hint_block.0.weight": (16, 3, 3, 3), "control_model.attn2.to_k.weight": (320, 768)},
        ("controlnet", "sd1"),
    ),
    (
        {"controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3), "attn2.to_k.weight": (640, 2048)},
        ("controlnet", "sdxl"),
    ),
    ({"lora_controlnet": (), "input_blocks.1.1.attn1.to_q.up": (320, 8)}, ("controlnet", "unknown")),
    ({"adapter.body.0.resnets.0.block1.weight": (320, 320, 3, 3)}, ("adapter", "unknown")),
    ({"image_proj.norm.weight": (768,), "ip_adapter.1.to_k_ip.weight": (320, 768)}, ("ip-adapter", "sd1")),
    ({"model.0.weight": (64, 3, 3, 3), "model.1.sub.0.RDB1.conv1.0.weight": (32, 64, 3, 3)}, ("upscaler", "unknown")),
    ({"conv_first.weight": (64, 3, 3, 3), "body.0.rdb1.conv1.weight": (32, 64, 3, 3)}, ("upscaler", "unknown")),
    (
        {"params_ema.conv_first.weight": (180, 3, 3, 3), "params_ema.layers.0.residual_group.a": ()},
        ("upscaler", "unknown"),
    ),
    ({"body.0.weight": (64, 3, 3, 3), "body.1.weight": (64,)}, ("upscaler", "unknown")),
    ({"text_model.embeddings.token_embedding.weight": (49408, 768)}, ("text-encoder", "unknown")),
    ({"encoder.block.0.layer.0.SelfAttention.k.weight": (4096, 4096)}, ("text-encoder", "unknown")),
    ({"vision_model.embeddings.patch_embedding.weight": (1280, 3, 14, 14)}, ("image-encoder", "unknown")),
    ({"generator.model.1.bn_l.running_mean": (64,)}, ("eraser", "lama")),
    ({"synthesis.first_stage.conv_first.conv.weight": (180, 4, 3, 3)}, ("eraser", "mat")),
    ({"G_ema.synthesis.first_stage.conv_first.conv.weight": (180, 4, 3, 3)}, ("eraser", "mat")),
    ({"bert.pooler.weight": (768, 768), "x": (1,)}, ("unknown", "unknown")),
    ({}, ("unknown", "unknown")),
]


@pytest.mark.parametrize(("tensors", "expected"), TABLE)
def test_a_header_says_what_the_file_is(tensors, expected):
    found = recognise({name: TensorEntry("F16", shape, 0) for name, shape in tensors.items()})
    assert (found.kind, found.family) == expected


def entry_of(path):
    return describe(path, stamp_of(path), (*PRESETS, TINY1, TINYXL))


def test_real_files_are_recognised(tmp_path):
    parts = Parts(TINYXL)
    checkpoint = entry_of(parts.save(tmp_path / "xl.safetensors"))
    assert (checkpoint.kind, checkpoint.family, checkpoint.fault) == ("checkpoint", "sdxl", "")
    assert checkpoint.info.native == 64
    assert 2 * checkpoint.values == sum(entry.size for entry in read_header(tmp_path / "xl.safetensors").values())
    small = Parts(TINY1)
    for made in (made_by_peft(small, tmp_path, "neon"), made_by_kohya(small, tmp_path / "ink.safetensors")):
        assert entry_of(made).kind == "lora"
        assert not entry_of(made).fault
    small.vae.save_pretrained(tmp_path / "vae")
    assert entry_of(tmp_path / "vae" / "diffusion_pytorch_model.safetensors").kind == "vae"
    small.unet.save_pretrained(tmp_path / "unet")
    unet = entry_of(tmp_path / "unet" / "diffusion_pytorch_model.safetensors")
    assert (unet.kind, unet.fault) == ("unet", "model-unused")


def test_what_cannot_be_run_yet_says_so(tmp_path):
    names = (UNET + "double_blocks.0.x", "first_stage_model.a")
    save_file({name: torch.zeros(1) for name in names}, tmp_path / "big.safetensors")
    entry = entry_of(tmp_path / "big.safetensors")
    assert (entry.kind, entry.family, entry.fault) == ("checkpoint", "flux", "model-unused")


def test_trigger_words_are_kept_short_enough_for_a_message(tmp_path):
    tags = {"folder": {f"a tag of some length {number}": number for number in range(100)}}
    save_file(
        {"lora_unet_a.lora_down.weight": torch.zeros(2, 2)},
        tmp_path / "a.safetensors",
        {"ss_tag_frequency": json.dumps(tags)},
    )
    words = entry_of(tmp_path / "a.safetensors").words
    assert words[0] == "a tag of some length 99"
    assert sum(map(len, words)) <= 300


@pytest.mark.parametrize(
    ("made", "program", "folders"),
    [
        (["comfy", "custom_nodes", "models/loras"], "ComfyUI", ["models"]),
        (["models/Stable-diffusion", "models/Lora", "embeddings", "venv"], "A1111", ["models", "embeddings"]),
        (["invokeai.yaml", "models", "outputs"], "InvokeAI", ["models"]),
        (["checkpoints", "loras", "vae"], "ComfyUI", ["."]),
        (["mine"], "", ["."]),
    ],
)
def test_the_trees_of_other_programs_are_known(tmp_path, made, program, folders):
    for folder in made:
        (tmp_path / folder).mkdir(parents=True)
    assert program_of(tmp_path) == program
    assert model_folders(tmp_path) == tuple(tmp_path / folder for folder in folders)


def test_the_latest_snapshot_in_the_cache_of_hugging_face_has_the_name_of_its_repository(tmp_path):
    for revision in ("aaa", "bbb"):
        (tmp_path / "hub" / "models--some--painter" / "snapshots" / revision).mkdir(parents=True)
    refs = tmp_path / "hub" / "models--some--painter" / "refs"
    refs.mkdir()
    (refs / "main").write_text("bbb")
    (found,) = model_folders(tmp_path)
    assert (found.name, name_of(found), program_of(tmp_path)) == ("bbb", "some-painter", "Hugging Face")
    (refs / "main").write_text("../../..")
    assert model_folders(tmp_path)[0].name == "aaa"
