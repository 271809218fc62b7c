"""Checkpoints in one file: recognised by their headers, loaded without a network, refused with a reason."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel
from engine_models_original import TINY1, TINY2, TINYXL, Parts
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from scumble.api import ScumbleError
from scumble.engine.models import ModelLibrary
from scumble.engine.models.checkpoint import LAST_NORM, read_checkpoint
from scumble.engine.models.files import read_floats, read_metadata
from scumble.engine.models.presets import PRESETS, SD1, SD2, SDXL

TINY = (TINY1, TINY2, TINYXL)


def library_of(folder):
    return ModelLibrary([folder], presets=TINY)


def load(folder):
    library = library_of(folder)
    assert not library.faults
    return library.load(library.infos()[0].id, "cpu", "float32", lambda: None)


def paint(model, prompt="a red cup", **given):
    latent = model.denoise(
        model.encode_prompt(prompt), size=(64, 64), seeds=[1], steps=3, guidance=4.0, scheduler="ddim", **given
    )
    return model.decode(latent)[0]


@pytest.mark.parametrize(
    ("preset", "channels"), [(TINY1, 4), (TINY2, 4), (TINYXL, 4), (TINY1, 9), (TINY2, 9), (TINYXL, 9)]
)
def test_a_checkpoint_has_the_very_weights_that_were_saved(tmp_path, preset, channels):
    parts = Parts(preset, channels)
    parts.save(tmp_path / "my_model.safetensors", kind=torch.float32)
    model = load(tmp_path)
    for name in ("unet", "vae", "text_encoder", "text_encoder_2")[: 3 + (preset is TINYXL)]:
        saved, loaded = getattr(parts, name).state_dict(), getattr(model._parts, name).state_dict()
        assert saved.keys() == loaded.keys()
        assert all(torch.equal(saved[key], loaded[key]) for key in saved)
    assert model.info.id == "my_model"
    assert model.info.family == preset.family
    assert model.info.inpainting == (channels == 9)


@pytest.mark.parametrize(("preset", "channels"), [(TINY1, 4), (TINY2, 4), (TINYXL, 4), (TINY1, 9), (TINYXL, 9)])
def test_it_paints_in_half_precision_as_it_was_stored(tmp_path, preset, channels):
    Parts(preset, channels).save(tmp_path / "model.safetensors")
    picture = paint(load(tmp_path))
    assert picture.shape == (64, 64, 3)
    assert picture.std() > 0


def test_it_is_the_same_model_as_the_folder_that_diffusers_makes_of_it(tmp_path):
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    parts = Parts(TINY1)
    (tmp_path / "one").mkdir()
    parts.save(tmp_path / "one" / "model.safetensors", kind=torch.float32)
    model = load(tmp_path / "one")
    pipeline = StableDiffusionPipeline(
        vae=parts.vae,
        text_encoder=parts.text_encoder,
        tokenizer=model._parts.tokenizer,
        unet=parts.unet,
        scheduler=DDIMScheduler(**TINY1.scheduler, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(tmp_path / "folder" / "model")
    assert np.array_equal(paint(load(tmp_path / "folder")), paint(model))


def test_clip_reads_the_known_words():
    from scumble.engine.models.words import count, tokenize

    class Source:
        padding, info = "!", type("Info", (), {"tokens": 77})

    from scumble.engine.models.checkpoint import ModelFile
    from scumble.engine.models.loader import load_tokenizer

    Source.tokenizer = ModelFile.tokenizer.fget(None)
    tokenizer = load_tokenizer(Source)
    ids, _, _ = tokenize(tokenizer, "a photo of a cat", 77)
    assert ids[0, :8].tolist() == [49406, 320, 1125, 539, 320, 2368, 49407, 0]
    assert count(tokenizer, "a photo of a cat") == 7


@pytest.mark.parametrize(
    ("said", "spread", "prediction", "native"),
    [
        ("v", 0.01, "v_prediction", 96),
        ("epsilon", 0.5, "epsilon", 64),
        (None, 0.5, "v_prediction", 96),
        (None, 0.01, "epsilon", 64),
    ],
)
@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32])
def test_what_the_model_predicts_is_said_or_seen(tmp_path, said, spread, prediction, native, kind):
    parts = Parts(TINY2)
    norm = parts.unet.up_blocks[3].attentions[2].transformer_blocks[0].norm1.bias
    torch.nn.init.normal_(norm, std=spread)
    metadata = {"modelspec.prediction_type": said} if said else None
    path = parts.save(tmp_path / "model.safetensors", metadata, kind=kind)
    found = read_checkpoint(path, TINY)
    assert found.configs["scheduler"]["prediction_type"] == prediction
    assert found.info.native == native
    assert np.allclose(read_floats(path, LAST_NORM), norm.detach().float().numpy(), atol=1e-2)
    assert read_metadata(path) == (metadata or {})


def test_files_that_hold_no_model_are_passed_over(tmp_path):
    save_file({"lora_unet_down.weight": torch.zeros(4)}, tmp_path / "lora.safetensors")
    library = library_of(tmp_path)
    assert not library.infos()
    assert not library.faults


def change(path, **tensors):
    save_file(load_file(path) | {name.replace("__", "."): value for name, value in tensors.items()}, path)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.write_bytes(b""), "damaged or cut short"),
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "cut short"),
        (lambda path: path.write_bytes(struct.pack("<Q", 2**40) + path.read_bytes()[8:]), "damaged or cut short"),
        (lambda path: Parts(TINY1).save(path, without=["first_stage_model."]), "no autoencoder"),
        (lambda path: Parts(TINY1).save(path, without=["cond_stage_model."]), "no text encoder"),
        (lambda path: Parts(TINY1, channels=8).save(path), "8 input channels"),
        (lambda path: Parts(TINYXL).save(path, without=["conditioner."]), "no text encoder"),
        (lambda path: Parts(TINY1).save(path, without=["model.diffusion_model.out."]), "make no sense"),
        (
            lambda path: change(path, model__diffusion_model__input_blocks__0__0__weight=torch.zeros(32)),
            "make no sense",
        ),
        (
            lambda path: change(path, model__diffusion_model__input_blocks__0__0__weight=torch.zeros(7, 4, 3, 3)),
            "of no kind that Scumble knows",
        ),
    ],
)
def test_a_file_that_cannot_be_run_says_why(tmp_path, spoil, reason):
    path = Parts(TINY1).save(tmp_path / "model.safetensors")
    spoil(path)
    library = library_of(tmp_path)
    assert reason in library.faults["model"]
    with pytest.raises(ScumbleError, match=reason) as caught:
        library.load("model", "cpu", "float32", lambda: None)
    assert caught.value.code == "model-broken"


@pytest.mark.parametrize(
    ("missing", "component"),
    [
        ("model.diffusion_model.middle_block.1.", "unet"),
        ("first_stage_model.decoder.mid.block_1.", "vae"),
        ("cond_stage_model.transformer.text_model.encoder.layers.1.", "text_encoder"),
    ],
)
def test_a_missing_tensor_is_named_when_the_model_is_loaded(tmp_path, missing, component):
    Parts(TINY1).save(tmp_path / "model.safetensors", without=[missing])
    library = library_of(tmp_path)
    with pytest.raises(ScumbleError, match=component) as caught:
        library.load("model", "cpu", "float32", lambda: None)
    assert caught.value.code == "model-broken"


def test_a_file_that_vanishes_is_said_to_be_missing(tmp_path):
    path = Parts(TINY1).save(tmp_path / "model.safetensors")
    library = library_of(tmp_path)
    path.unlink()
    with pytest.raises(ScumbleError) as caught:
        library.load("model", "cpu", "float32", lambda: None)
    assert caught.value.code == "model-broken"


def test_files_lie_beside_folders_and_below(tmp_path):
    (tmp_path / "sd" / "old").mkdir(parents=True)
    Parts(TINY1).save(tmp_path / "top.safetensors")
    Parts(TINY1).save(tmp_path / "sd" / "old" / "deep.safetensors")
    assert {info.id for info in library_of(tmp_path).infos()} == {"top", "deep"}


@pytest.mark.parametrize(
    ("preset", "unet", "text", "text_2"),
    [
        (SD1, 859_520_964, 123_060_480, 0),
        (SD2, 865_910_724, 340_387_840, 0),
        (SDXL, 2_567_463_684, 123_060_480, 694_659_840),
    ],
)
def test_the_presets_are_the_models_of_the_papers(preset, unet, text, text_2):
    with torch.device("meta"):
        made = UNet2DConditionModel(**preset.unet)
        encoder = CLIPTextModel(CLIPTextConfig(**preset.text_encoder))
    assert sum(value.numel() for value in made.parameters()) == unet
    assert sum(value.numel() for value in encoder.parameters()) == text
    assert preset in PRESETS
    if preset.text_encoder_2 is not None:
        with torch.device("meta"):
            second = CLIPTextModelWithProjection(CLIPTextConfig(**preset.text_encoder_2))
        assert sum(value.numel() for value in second.parameters()) == text_2
