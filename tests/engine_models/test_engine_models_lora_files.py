"""What LoRA files say in their headers, and how prompts name them."""

from __future__ import annotations

import json

import pytest
import torch
from engine_models_loras import made_by_kohya, made_by_peft
from engine_models_original import TINY1, Parts
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from scumble.api import ScumbleError
from scumble.engine.models import ModelLibrary
from scumble.engine.models.lora import MAX_WORDS, Alphas, Slot, read_lora, slot, trigger_words
from scumble.engine.models.words import LoraCall, loras, parse, without_loras


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("unet.mid_block.attn1.to_q.lora_A.weight", ("unet", "mid_block_attn1_to_q", "down")),
        ("unet.mid_block.attn1.to_q.lora_B.weight", ("unet", "mid_block_attn1_to_q", "up")),
        ("unet.mid_block.attn1.to_q.lora_B.default.weight", ("unet", "mid_block_attn1_to_q", "up")),
        ("unet.mid_block.attn1.to_q.lora.down.weight", ("unet", "mid_block_attn1_to_q", "down")),
        ("unet.mid_block.attn1.processor.to_out_lora.up.weight", ("unet", "mid_block_attn1_to_out", "up")),
        ("base_model.model.mid_block.to_q.lora_A.weight", ("unet", "mid_block_to_q", "down")),
        ("lora_unet_mid_block_to_q.lora_down.weight", ("unet", "mid_block_to_q", "down")),
        ("lora_unet_mid_block_to_q.alpha", ("unet", "mid_block_to_q", "alpha")),
        (
            "lora_te_text_model_encoder_layers_0_mlp_fc1.lora_up.weight",
            ("text_encoder", "encoder_layers_0_mlp_fc1", "up"),
        ),
        (
            "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_linear_layer.down.weight",
            ("text_encoder", "encoder_layers_0_self_attn_q_proj", "down"),
        ),
        ("text_encoder_2.x.lora_A.weight", ("text_encoder_2", "x", "down")),
        ("lora_te2_x.lora_down.weight", ("text_encoder_2", "x", "down")),
        ("transformer.x.lora_A.weight", None),
        ("unet.mid_block.to_q.weight", None),
    ],
)
def test_both_layouts_are_read(name, said):
    assert slot(name) == (said and Slot(*said))


@given(st.text(max_size=80))
def test_any_name_is_read(name):
    assert slot(name) is None or isinstance(slot(name), Slot)


@pytest.mark.parametrize(
    ("prompt", "words", "calls"),
    [
        ("a cup", "a cup", []),
        ("a cup <lora:neon>", "a cup", [("neon", 1.0)]),
        ("a <lora:neon:0.8> cup", "a cup", [("neon", 0.8)]),
        ("<lora: my ink (v2) : .5 >a (cup:1.2)", "a (cup:1.2)", [("my ink (v2)", 0.5)]),
        ("<LORA:a:-1><lora:b:2.>", "", [("a", -1.0), ("b", 2.0)]),
        ("<lora:a:0.5> x <lora:a:0.25>", "x", [("a", 0.75)]),
        ("<lora:a:99>", "", [("a", 10.0)]),
        ("a < b > c <lora>", "a < b > c <lora>", []),
    ],
)
def test_tags_are_no_words(prompt, words, calls):
    assert without_loras(prompt) == words
    assert loras(prompt) == tuple(LoraCall(*call) for call in calls)
    assert parse(prompt) == parse(words)


@pytest.mark.parametrize("weight", ["x", "1e5", "nan", "inf", "0.5:0.3", "--1"])
def test_a_weight_that_is_no_number_is_told(weight):
    with pytest.raises(ScumbleError, match="not a number") as caught:
        loras(f"a <lora:neon:{weight}>")
    assert caught.value.code == "lora-weight"
    assert without_loras(f"a <lora:neon:{weight}>") == "a"


def test_they_are_listed_with_what_they_tell(tmp_path):
    (tmp_path / "loras").mkdir()
    parts = Parts(TINY1)
    parts.save(tmp_path / "model.safetensors")
    tags = {"10_cat": {"grey cat": 3, "sofa": 9}, "5_more": {"grey cat": 7, "odd": "x"}}
    metadata = {"modelspec.title": "Ink", "ss_tag_frequency": json.dumps(tags), "modelspec.trigger_phrase": "inkcat"}
    made_by_kohya(parts, tmp_path / "loras" / "my_ink.safetensors", metadata=metadata)
    made_by_peft(parts, tmp_path, "model_2")
    library = ModelLibrary([tmp_path], presets=(TINY1,))
    assert [info.id for info in library.infos()] == ["model"]
    assert not library.faults
    assert set(library.loras) == {"my_ink", "model_2"}
    ink = library.loras["my_ink"]
    assert (ink.title, ink.family, ink.words) == ("Ink", "small", ("inkcat", "grey cat", "sofa"))
    assert library.loras["model_2"].title == "model 2"


@pytest.mark.parametrize(
    ("name", "width", "family"),
    [
        ("lora_unet_x_attn2_to_k.lora_down.weight", 768, "sd1"),
        ("unet.x.attn2.to_k.lora_A.weight", 1024, "sd2"),
        ("lora_unet_x_attn2_to_k.lora_down.weight", 2048, "sdxl"),
        ("lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight", 768, "sd1"),
        ("unet.x.attn2.to_k.lora_A.weight", 96, "small"),
        ("unet.x.attn1.to_k.lora_A.weight", 320, "unknown"),
        ("transformer.x.attn2.to_k.lora_A.weight", 768, "unknown"),
    ],
)
def test_the_family_is_seen_by_the_shapes(tmp_path, name, width, family):
    save_file({name: torch.zeros(4, width)}, tmp_path / "x.safetensors")
    assert read_lora(tmp_path / "x.safetensors").family == family


def test_other_files_are_none(tmp_path):
    save_file({"emb_params": torch.zeros(4, 768)}, tmp_path / "x.safetensors")
    assert read_lora(tmp_path / "x.safetensors") is None
    assert not ModelLibrary([tmp_path]).loras


@pytest.mark.parametrize("said", ["", "{", "[]", '{"a": 1}', '{"a": {"b": "c", "": 2}}', "[" * 100_000])
def test_metadata_that_makes_no_sense_is_passed_over(said):
    assert trigger_words({"ss_tag_frequency": said}) == ()
    assert Alphas({"lora_adapter_metadata": said}).get("unet", "x", 4) == 4.0


def test_words_are_few():
    tags = {"a": {f"tag{number}": number for number in range(1000)}}
    words = trigger_words({"ss_tag_frequency": json.dumps(tags)})
    assert (len(words), words[0]) == (MAX_WORDS, "tag999")


def test_alphas_are_read_as_peft_means_them():
    said = {
        "unet.lora_alpha": 16,
        "unet.alpha_pattern": {"mid.to_q": 2, "to_v": 3},
        "text_encoder.lora_alpha": 8,
        "text_encoder.use_rslora": True,
        "other.lora_alpha": "os",
    }
    alphas = Alphas({"lora_adapter_metadata": json.dumps(said)})
    assert alphas.get("unet", "down_mid_to_q", 4) == 2
    assert alphas.get("unet", "up_to_v", 4) == 3
    assert alphas.get("unet", "up_xto_v", 4) == 16
    assert alphas.get("text_encoder", "x", 4) / 4 == 8 / 4**0.5
    assert alphas.get("other", "x", 4) == 4
