"""MAT on tiny random weights: what it computes, what it leaves alone, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from scumble.api import Cancelled, ScumbleError
from scumble.engine.models import ModelLibrary
from scumble.engine.models.eraser import read_eraser
from scumble.engine.models.erasing import load_eraser
from scumble.engine.models.mat import Mat

SIDE, DIM, CHANCE, CODE = 128, 12, 10, 14
WIDTHS = {128: 4, 64: 6, 32: 8, 16: 10}
STYLE = 18
DEPTHS = (2, 3, 4, 3, 2)


def dense(name, inputs, outputs):
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def conv(name, inputs, outputs, kernel=3):
    return {f"{name}.weight": (outputs, inputs, kernel, kernel), f"{name}.bias": (outputs,)}


def scaled(name, inputs, outputs, style, kernel):
    weights = {f"{name}.conv.weight": (1, outputs, inputs, kernel, kernel), f"{name}.bias": (outputs,)}
    return weights | dense(f"{name}.conv.affine", style, inputs)


def styled(name, inputs, outputs, style, side=0):
    noise = {f"{name}.noise_const": (side, side), f"{name}.noise_strength": ()} if side else {}
    return scaled(name, inputs, outputs, style, 3) | noise


def first_stage():
    name = "synthesis.first_stage"
    shapes = conv(f"{name}.conv_first.conv", 4, DIM) | conv(f"{name}.enc_conv.0.conv", DIM, DIM)
    for stage, depth in enumerate(DEPTHS):
        shapes |= conv(f"{name}.tran.{stage}.conv.conv", DIM, DIM)
        if stage:
            shapes |= conv(f"{name}.tran.{stage}.downsample.conv.conv", DIM, DIM)
        for block in (f"{name}.tran.{stage}.blocks.{place}" for place in range(depth)):
            for layer in ("q", "k", "v", "proj"):
                shapes |= dense(f"{block}.attn.{layer}", DIM, DIM)
            shapes |= dense(f"{block}.fuse", 2 * DIM, DIM)
            shapes |= dense(f"{block}.mlp.fc1", DIM, 2 * DIM) | dense(f"{block}.mlp.fc2", 2 * DIM, DIM)
    for place in range(4):
        shapes |= conv(f"{name}.down_conv.{place}", DIM, DIM)
    shapes |= dense(f"{name}.to_style", DIM, 2 * DIM) | dense(f"{name}.ws_style", CODE, DIM)
    shapes |= dense(f"{name}.to_square", DIM, 256)
    for layer in ("conv0", "conv1"):
        shapes |= styled(f"{name}.dec_conv.0.{layer}", DIM, DIM, 3 * DIM)
    return shapes | scaled(f"{name}.dec_conv.0.toRGB", DIM, 3, 3 * DIM, 1)


def second_stage(noise):
    style, sides = CODE + STYLE, sorted(WIDTHS)
    shapes = dense("synthesis.to_square", CODE, 256) | dense("synthesis.to_style.fc", WIDTHS[16], STYLE)
    for place in range(3):
        shapes |= conv(f"synthesis.to_style.conv.{place}", WIDTHS[16], WIDTHS[16])
    for side, width in WIDTHS.items():
        name = f"synthesis.enc.EncConv_Block_{side}x{side}"
        shapes |= conv(f"{name}.conv0", 7, width, 1) if side == SIDE else conv(f"{name}.conv0", WIDTHS[2 * side], width)
        shapes |= conv(f"{name}.conv1", width, width)
    shapes |= conv("synthesis.dec.Dec_16x16.conv0", WIDTHS[16], WIDTHS[16])
    for before, side in zip([16, *sides], sides, strict=False):
        name = f"synthesis.dec.Dec_{side}x{side}"
        if side > 16:
            shapes |= styled(f"{name}.conv0", WIDTHS[before], WIDTHS[side], style, side * noise)
        shapes |= styled(f"{name}.conv1", WIDTHS[side], WIDTHS[side], style, side * noise)
        shapes |= scaled(f"{name}.toRGB", WIDTHS[side], 3, style, 1)
    return shapes


def tiny_mat(noise=False):
    """Its tensors, by the names that the authors' file has."""
    rng = np.random.default_rng(7)
    shapes = dense("mapping.fc0", CHANCE, CODE) | dense("mapping.fc1", CODE, CODE)
    shapes |= first_stage() | second_stage(noise)
    made = {name: rng.standard_normal(shape, np.float32) for name, shape in shapes.items()}
    for name, value in made.items():
        size = 0.1 if name.endswith(("toRGB.bias", "toRGB.conv.weight")) else 0.3 if name.endswith("bias") else 1.0
        learnt_slowly = 100.0 if name.startswith("mapping") else 1.0
        made[name] = np.asarray(value * size * learnt_slowly + name.endswith("affine.bias"), np.float32)
    return {name: torch.from_numpy(value) for name, value in made.items()}


def drawn():
    """A picture and a hole, as the network takes them."""
    rng = np.random.default_rng(3)
    hole = np.zeros((1, 1, SIDE, SIDE), np.float32)
    hole[..., 20:90, 30:80] = 1
    hole[..., 100:, :40] = 1
    return torch.from_numpy(rng.random((1, 3, SIDE, SIDE), np.float32)), torch.from_numpy(hole)


@pytest.fixture
def saved(tmp_path):
    def save(prefix="", changed=None):
        tensors = {prefix + name: value for name, value in (tiny_mat() | (changed or {})).items() if value is not None}
        save_file(tensors, tmp_path / "mat.safetensors")
        return tmp_path / "mat.safetensors"

    return save


def scene(height, width, top, left, bottom, right):
    picture = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[top:bottom, left:right] = 255
    return picture, mask


EXPECTED = {
    False: [
        *(0.1056, 0.0900, 0.0940, 0.0798, 0.1942, 0.1802, 0.5200, 0.4107, 0.4649),
        *(0.4513, 0.5355, 0.4983, 0.6292, 0.6666, 0.6375, 0.6789, 0.5510, 0.5589),
    ],
    True: [
        *(0.4624, 0.5518, 0.3611, 0.6100, 0.6011, 0.5157, 0.5474, 0.4146, 0.3845),
        *(0.3623, 0.5134, 0.3957, 0.4233, 0.4049, 0.2442, 0.3374, 0.3060, 0.3844),
    ],
}
"""What the authors' network, of the same weights and chance, makes of some places, without and with trained noise."""


@pytest.mark.parametrize("noise", [False, True])
def test_it_computes_what_its_makers_network_does(noise):
    picture, hole = drawn()
    made = Mat(tiny_mat(noise))(picture, hole, lambda: None)
    places = made[0, :, 24:90:40, 33:80:23].flatten()
    torch.testing.assert_close(places, torch.tensor(EXPECTED[noise]), atol=2e-4, rtol=0)
    known = (hole == 0).expand_as(picture)
    torch.testing.assert_close(made[known], picture[known], atol=1e-6, rtol=0)


@pytest.mark.parametrize("prefix", ["", "G_ema.", "generator.", "model."])
def test_a_file_is_found_whatever_its_tensors_begin_with(saved, tmp_path, prefix):
    saved(prefix)
    library = ModelLibrary([tmp_path])
    assert [(entry.kind, entry.family, entry.fault) for entry in library.entries] == [("eraser", "mat", "")]
    picture, mask = scene(60, 90, 10, 20, 30, 50)
    made = library.erase(picture, mask, "cpu", lambda: None)
    assert (made != picture).any(axis=-1)[mask > 0].mean() > 0.9


@pytest.mark.parametrize(
    ("size", "hole"),
    [
        ((45, 70), (10, 20, 30, 50)),
        ((SIDE, SIDE), (0, 0, 40, 128)),
        ((300, 260), (5, 190, 40, 255)),
        ((301, 217), (60, 10, 260, 200)),
        ((40, 400), (0, 150, 40, 350)),
        ((30, 31), (0, 0, 30, 31)),
    ],
)
def test_the_hole_alone_is_filled_and_always_alike(saved, size, hole):
    eraser = load_eraser(read_eraser(saved()), "cpu")
    picture, mask = scene(*size, *hole)
    made = eraser.erase(picture, mask, lambda: None)
    assert made.shape == picture.shape
    assert made.dtype == np.uint8
    assert np.array_equal(made[mask == 0], picture[mask == 0])
    assert (made != picture).any(axis=-1)[mask > 0].mean() > 0.9
    blank = np.where(mask[..., None] > 0, np.uint8(7), picture)
    assert np.array_equal(eraser.erase(blank, mask, lambda: None), made)


def test_what_lies_round_the_hole_counts_and_what_lies_far_does_not(saved):
    eraser = load_eraser(read_eraser(saved()), "cpu")
    picture, mask = scene(400, 400, 300, 300, 340, 340)
    made = eraser.erase(picture, mask, lambda: None)[mask > 0]
    for place, alike in ((100, True), (290, False)):
        other = picture.copy()
        other[place, place:] = 0
        assert np.array_equal(eraser.erase(other, mask, lambda: None)[mask > 0], made) is alike


def test_without_a_hole_nothing_happens(saved):
    eraser = load_eraser(read_eraser(saved()), "cpu")
    picture, mask = scene(50, 50, 0, 0, 0, 0)
    assert np.array_equal(eraser.erase(picture, mask, lambda: None), picture)


FUSED = "synthesis.first_stage.tran.1.blocks.2.fuse.weight"
BROKEN = {
    "an attention is missing": {"synthesis.first_stage.tran.2.blocks.3.attn.v.weight": None},
    "a bias is missing": {"synthesis.dec.Dec_128x128.toRGB.bias": None},
    "the chance is missing": {"mapping.fc0.weight": None},
    "a layer is too wide": {FUSED: torch.zeros(DIM, 3 * DIM)},
    "a layer is flat": {"synthesis.dec.Dec_64x64.conv1.conv.weight": torch.zeros(5)},
    "a number is no layer": {"synthesis.to_style.conv.1.weight": torch.zeros(())},
    "its side is none": {"synthesis.enc.EncConv_Block_128x128.conv0.weight": None},
    "it asks for too much": {"synthesis.enc.EncConv_Block_65536x65536.conv0.weight": torch.zeros(4, 7, 1, 1)},
}


@pytest.mark.parametrize("changed", BROKEN.values(), ids=BROKEN)
def test_what_does_not_fit_together_is_refused_in_a_sentence(saved, tmp_path, changed, monkeypatch):
    saved(changed=changed)
    monkeypatch.setattr("scumble.engine.models.erasing.load_file", None)  # refused before the tensors are read
    with pytest.raises(ScumbleError) as caught:
        ModelLibrary([tmp_path]).erase(*scene(60, 60, 10, 10, 30, 30), "cpu", lambda: None)
    assert caught.value.code == "model-broken"
    assert caught.value.params["model"] == "mat"
    assert "\n" not in str(caught.value)


def test_a_job_can_be_cancelled_between_any_two_blocks(saved):
    eraser = load_eraser(read_eraser(saved()), "cpu")
    picture, mask = scene(60, 60, 10, 10, 30, 30)
    asked = []
    eraser.erase(picture, mask, lambda: asked.append(1))
    assert len(asked) > sum(DEPTHS)

    def cancel():
        asked.pop()
        if not asked:
            raise Cancelled

    with pytest.raises(Cancelled):
        eraser.erase(picture, mask, cancel)
