"""Learnt words, other autoencoders, and weights kept as they are computed with."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from engine_models_original import TINY1, TINYXL, Parts, vae
from safetensors.torch import load_file, save_file

from scumble.api import ScumbleError
from scumble.engine.models import ModelLibrary
from scumble.engine.models.files import read_metadata
from scumble.engine.models.keeping import WeightKeeper
from scumble.engine.models.loader import load_components
from scumble.engine.models.weights import WeightCache

PRESETS = (TINY1, TINYXL)


def load(folder, dtype="float32", **given):
    library = ModelLibrary([folder], presets=PRESETS, **given)
    return library.load("model", "cpu", dtype, lambda: None)


def paint(model, prompt="a cup", steps=2):
    return model.denoise(model.encode_prompt(prompt), size=(64, 64), seeds=[1], steps=steps, scheduler="ddim")


def test_a_learnt_word_is_read_as_its_rows(tmp_path):
    parts = Parts(TINY1)
    parts.save(tmp_path / "model.safetensors", kind=torch.float32)
    table = parts.text_encoder.get_input_embeddings().weight.detach()
    plain = load(tmp_path)
    ids = plain._parts.tokenizer("red cat", add_special_tokens=False).input_ids
    save_file({"emb_params": table[ids].clone()}, tmp_path / "Mood.safetensors")
    model = load(tmp_path)
    learnt, spelt = model.encode_prompt("a <mood> on a table"), model.encode_prompt("a red cat on a table")
    assert torch.equal(learnt, spelt), "the rows are those of the words, so the states must be too"
    assert not torch.equal(learnt, plain.encode_prompt("a <mood> on a table"))
    assert model.count_tokens("a <mood>") == plain.count_tokens("a red cat")
    assert torch.equal(model.encode_prompt("(a <Mood>:1.3)"), model.encode_prompt("(a red cat:1.3)"))
    assert torch.equal(model.encode_prompt("a <other> cup"), plain.encode_prompt("a <other> cup"))


def test_a_learnt_word_for_both_text_encoders(tmp_path):
    parts = Parts(TINYXL)
    parts.save(tmp_path / "model.safetensors", kind=torch.float32)
    tables = [
        getattr(parts, name).get_input_embeddings().weight.detach() for name in ("text_encoder", "text_encoder_2")
    ]
    ids = load(tmp_path)._parts.tokenizer("red cat", add_special_tokens=False).input_ids
    save_file({"clip_l": tables[0][ids].clone(), "clip_g": tables[1][ids].clone()}, tmp_path / "mood.safetensors")
    model = load(tmp_path)
    learnt, pooled = model.encode_prompt("<mood> here"), model._last.pooled
    assert torch.equal(learnt, model.encode_prompt("red cat here"))
    assert torch.equal(pooled, model._last.pooled)


@pytest.mark.parametrize(
    ("tensors", "code"),
    [
        ({"emb_params": torch.zeros(1, 768)}, "embedding-mismatch"),
        ({"clip_l": torch.zeros(1, 32), "clip_g": torch.zeros(1, 9)}, ""),
    ],
)
def test_a_learnt_word_for_another_model_says_so(tmp_path, tensors, code):
    Parts(TINY1).save(tmp_path / "model.safetensors")
    save_file(tensors, tmp_path / "mood.safetensors")
    model = load(tmp_path)
    if not code:
        assert model.encode_prompt("<mood>").shape[0] == 2
        return
    with pytest.raises(ScumbleError) as caught:
        model.encode_prompt("<mood>")
    assert caught.value.code == code
    assert model.encode_prompt("a cup").isfinite().all()


def test_a_learnt_word_whose_file_went_says_so(tmp_path):
    Parts(TINY1).save(tmp_path / "model.safetensors")
    save_file({"emb_params": torch.zeros(1, 768)}, tmp_path / "mood.safetensors")
    model = load(tmp_path)
    (tmp_path / "mood.safetensors").unlink()
    with pytest.raises(ScumbleError) as caught:
        model.encode_prompt("<mood>")
    assert caught.value.code == "embedding-broken"


@pytest.mark.parametrize("original", [True, False])
def test_another_autoencoder_can_be_chosen(tmp_path, original):
    Parts(TINY1).save(tmp_path / "model.safetensors", kind=torch.float32)
    other = Parts(TINY1, seed=9).vae
    tensors = vae(other) if original else other.state_dict()
    save_file({name: value.clone() for name, value in tensors.items()}, tmp_path / "soft.safetensors")
    chosen = {"model": ""}
    library = ModelLibrary([tmp_path], presets=PRESETS, vaes=chosen)
    own = library.load("model", "cpu", "float32", lambda: None)
    chosen["model"] = "soft"
    model = library.load("model", "cpu", "float32", lambda: None)
    assert all(torch.equal(value, other.state_dict()[name]) for name, value in model._parts.vae.state_dict().items())
    latent = paint(own)
    assert torch.equal(latent, paint(model))
    assert not np.array_equal(own.decode(latent)[0], model.decode(latent)[0])


def test_an_autoencoder_beside_the_model_is_its_own(tmp_path):
    Parts(TINY1).save(tmp_path / "model.safetensors", kind=torch.float32)
    other = Parts(TINY1, seed=9).vae
    save_file({name: value.clone() for name, value in vae(other).items()}, tmp_path / "model.vae.safetensors")
    assert torch.equal(load(tmp_path)._parts.vae.state_dict()["decoder.conv_in.weight"], other.decoder.conv_in.weight)


@pytest.mark.parametrize(("name", "code"), [("gone", "vae-missing"), ("other", "vae-mismatch")])
def test_an_autoencoder_that_does_not_work_says_so(tmp_path, name, code):
    Parts(TINY1).save(tmp_path / "model.safetensors")
    save_file({"decoder.mid_block.resnets.0.conv1.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ScumbleError) as caught:
        load(tmp_path, vaes={"model": name})
    assert caught.value.code == code


def test_converted_weights_are_mapped_the_next_time(tmp_path):
    Parts(TINY1).save(tmp_path / "model.safetensors", kind=torch.float32)
    library = ModelLibrary([tmp_path], presets=PRESETS)
    sha256 = library.load("model", "cpu", "bfloat16", lambda: None).info.sha256
    keeper = WeightKeeper(WeightCache(tmp_path / "cache", smallest=0, spare=0))
    source = library._find("model")
    first = load_components(source, "cpu", "bfloat16", lambda: None, None, keeper, sha256)
    assert not (tmp_path / "cache").exists(), "the job goes first"
    keeper.go_on()
    assert keeper.wait(60)
    (folder,) = (tmp_path / "cache").iterdir()
    assert folder.name == f"{sha256}-bfloat16"
    for path in folder.glob("*.safetensors"):  # what is read must come from here alone
        tensors, metadata = load_file(path), read_metadata(path)
        emptied = {name: torch.zeros_like(value) for name, value in tensors.items() if name.startswith("conv_out")}
        save_file(tensors | emptied, path, metadata)
    second = load_components(source, "cpu", "bfloat16", lambda: None, None, keeper, sha256)
    assert float(second.unet.conv_out.weight.abs().max()) == 0.0
    for name in ("unet", "vae", "text_encoder"):
        one, other = getattr(first, name).state_dict(), getattr(second, name).state_dict()
        assert all(torch.equal(one[key], other[key]) for key in one if "conv_out" not in key)
    weight = second.unet.conv_in.weight
    assert weight.is_contiguous(memory_format=torch.channels_last), "as it is used, so that nothing is copied"
    if sys.platform == "linux":
        assert file_at(weight.data_ptr()).endswith("unet-0000.safetensors"), "a part of the mapped file and not a copy"


def file_at(address):
    """The file that is mapped into this process at an address."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, *_, name = line.split(maxsplit=5)
        first, last = (int(number, 16) for number in span.split("-"))
        if first <= address < last:
            return name
    return ""


def test_the_cache_keeps_to_its_budget_and_a_damaged_folder_is_made_anew(tmp_path):
    part = {"unet": {"a": torch.zeros(1000)}}
    cache = WeightCache(tmp_path, budget=9000, spare=0, smallest=0)
    cache.write("one", part)
    cache.write("two", part)
    os.utime(tmp_path / "one" / "whole", (1, 1))
    os.utime(tmp_path / "two" / "whole", (2, 2))
    assert cache.read("one") is not None
    cache.write("three", part)
    assert [key for key in ("one", "two", "three") if cache.read(key)] == ["one", "three"]
    (tmp_path / "one" / "unet-0000.safetensors").write_bytes(b"")
    assert cache.read("one") is None
    assert not (tmp_path / "one").exists()
    WeightCache(tmp_path, budget=10, spare=0, smallest=0).write("big", part)
    WeightCache(tmp_path, spare=shutil.disk_usage(tmp_path).total, smallest=0).write("full", part)
    assert not (tmp_path / "big").exists()
    assert not (tmp_path / "full").exists()
