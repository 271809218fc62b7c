"""Upscaling: exact sizes, no seams, alpha kept, cancel between tiles."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from scumble.api import Cancelled, ScumbleError
from scumble.engine.models import ModelLibrary
from scumble.engine.models.presets import PRESETS
from scumble.engine.models.survey import describe
from scumble_upscale.network import Compact, enlarge, load_network
from scumble_upscale.residual import Residual
from scumble_upscale.runtime import WEIGHTS, scumble_run_tool

from .conftest import Context

RNG = np.random.default_rng(0)


def noise(height, width, channels=3):
    return RNG.integers(0, 256, (height, width, channels), np.uint8)


def run(make_job, context, picture, **params):
    job = make_job("scumble_upscale", {"image": picture}, size=(0, 0), **params)
    return scumble_run_tool("upscale", job, context).candidates[0].image


@pytest.mark.parametrize("method", ["network", "lanczos"])
@pytest.mark.parametrize(("height", "width", "channels"), [(1, 1, 3), (37, 53, 3), (37, 53, 4), (8, 300, 4)])
@pytest.mark.parametrize("factor", ["2", "4"])
def test_any_size(make_context, make_job, method, height, width, channels, factor):
    large = run(make_job, make_context(), noise(height, width, channels), method=method, factor=factor)
    assert large.shape == (height * int(factor), width * int(factor), channels)
    assert large.dtype == np.uint8
    assert large.flags.c_contiguous


def test_tiles_leave_no_seams():
    network, picture = load_network(WEIGHTS), noise(90, 130)
    tiled = enlarge(network, picture, lambda done, count: None, tile=48)
    whole = enlarge(network, picture, lambda done, count: None, tile=1000)
    assert np.abs(tiled.astype(int) - whole).max() <= 1


def test_the_network_keeps_the_picture(make_context, make_job, drawn):
    large = run(make_job, make_context(), drawn[0])
    small = large.reshape(128, 2, 128, 2, 3).mean((1, 3))
    assert np.abs(small - drawn[0]).mean() < 4
    assert np.abs(large.astype(int) - drawn[0].repeat(2, 0).repeat(2, 1)).max() > 8


def test_alpha_is_kept(make_context, make_job):
    picture = np.full((20, 20, 4), 255, np.uint8)
    picture[:, :10, 3] = 0
    for method in ("network", "lanczos"):
        large = run(make_job, make_context(), picture, method=method)
        assert (large[:, :12, 3] == 0).all()
        assert (large[:, 28:, 3] == 255).all()


def test_progress_by_tile_and_cancel_between_tiles(make_context, make_job):
    context = make_context()
    run(make_job, context, noise(20, 300))
    assert [step[:2] for step in context.steps] == [(1, 2), (2, 2)]
    cancelled = make_context(cancel_at=1)
    with pytest.raises(Cancelled):
        run(make_job, cancelled, noise(20, 600))
    assert len(cancelled.steps) == 1


@pytest.mark.parametrize(("features", "depth", "scale"), [(8, 3, 2), (12, 20, 3)])
def test_sizes_follow_from_the_weights(tmp_path, features, depth, scale):
    torch.manual_seed(0)
    network = Compact(features, depth, scale)
    save_file(network.state_dict(), tmp_path / "net.safetensors")
    again = load_network(tmp_path / "net.safetensors")
    assert (again.scale, again.reach) == (scale, depth + 2)
    picture = noise(40, 70)
    tiled = enlarge(again, picture, lambda done, count: None, tile=32)
    assert np.abs(tiled.astype(int) - enlarge(again, picture, lambda done, count: None)).max() <= 1


@pytest.mark.parametrize("content", [b"", b"nonsense" * 4])
def test_broken_weights_are_named(tmp_path, content):
    path = tmp_path / "net.safetensors"
    path.write_bytes(content)
    with pytest.raises(ScumbleError) as caught:
        load_network(path)
    assert caught.value.code == "model-broken"


def test_a_missing_picture_is_named(make_context, make_job):
    with pytest.raises(ScumbleError) as caught:
        scumble_run_tool("upscale", make_job("scumble_upscale"), make_context())
    assert caught.value.code == "tool-needs-input"


def residual(ups, unshuffled=1):
    torch.manual_seed(1)
    return Residual(8, 4, 2, ups, unshuffled, lambda: None)


def in_numbers(name):
    """As the files of 2018 call a layer of a network that doubles twice."""
    layer, _, what = name.rpartition(".")
    numbers = {
        "conv_first": "0",
        "conv_body": "1.sub.2",
        "conv_up1": "3",
        "conv_up2": "6",
        "conv_hr": "8",
        "conv_last": "10",
    }
    if layer in numbers:
        return f"model.{numbers[layer]}.{what}"
    _, block, dense, convolution = layer.split(".")
    return f"model.1.sub.{block}.{dense.upper()}.{convolution}.0.{what}"


def in_words(name):
    """As the first networks of that kind were written."""
    layer, _, what = name.rpartition(".")
    words = {"conv_body": "trunk_conv", "conv_up1": "upconv1", "conv_up2": "upconv2", "conv_hr": "HRconv"}
    if layer.startswith("body."):
        _, block, dense, convolution = layer.split(".")
        return f"RRDB_trunk.{block}.{dense.upper()}.{convolution}.{what}"
    return f"{words.get(layer, layer)}.{what}"


@pytest.mark.parametrize(
    "name",
    [str, "params_ema.{}".format, "state_dict.model.{}".format, in_numbers, in_words],
    ids=["new", "beside", "below", "numbers", "words"],
)
def test_every_layout_holds_the_same_network(tmp_path, name):
    network, picture = residual(2), torch.rand(1, 3, 12, 10)
    save_file({name(key): tensor for key, tensor in network.state_dict().items()}, tmp_path / "a.safetensors")
    assert describe(tmp_path / "a.safetensors", (0, 0), PRESETS).fault == ""
    read = load_network(tmp_path / "a.safetensors")
    assert read.scale == 4
    assert (read(picture) == network(picture)).all()


def test_of_two_copies_in_a_file_the_averaged_one_is_used(tmp_path):
    network, other = residual(1), residual(1)
    copies = {"params.": other, "params_ema.": network}
    named = {start + key: tensor for start, copy in copies.items() for key, tensor in copy.state_dict().items()}
    save_file(named, tmp_path / "a.safetensors")
    picture = torch.rand(1, 3, 12, 10)
    assert (load_network(tmp_path / "a.safetensors")(picture) == network(picture)).all()


@pytest.mark.parametrize(("ups", "unshuffled", "scale"), [(1, 1, 2), (3, 1, 8), (2, 2, 2), (2, 4, 1)])
def test_sizes_follow_from_the_file(tmp_path, ups, unshuffled, scale):
    save_file(residual(ups, unshuffled).state_dict(), tmp_path / "a.safetensors")
    network = load_network(tmp_path / "a.safetensors")
    assert network.scale == scale
    large = enlarge(network, noise(37, 53), lambda done, count: None)
    assert large.shape == (37 * scale, 53 * scale, 3)


def test_a_dense_network_sees_a_tile_as_it_sees_the_whole():
    network, picture = residual(2), noise(70, 90)
    tiled = enlarge(network.eval(), picture, lambda done, count: None, tile=32)
    whole = enlarge(network, picture, lambda done, count: None, tile=1000)
    assert np.abs(tiled.astype(int) - whole).max() <= 1


@pytest.fixture
def shelf(tmp_path):
    """A folder of models, and a context that looks into it."""
    folder = tmp_path / "models"
    folder.mkdir()
    return folder, Context(ModelLibrary((folder,)), "", tmp_path)


@pytest.mark.parametrize("ups", [1, 2])
@pytest.mark.parametrize("factor", ["2", "4"])
def test_a_network_of_ones_own_comes_to_the_factor(shelf, make_job, ups, factor):
    folder, context = shelf
    save_file(residual(ups).state_dict(), folder / "mine.safetensors")
    job = make_job("scumble_upscale", {"image": noise(20, 30, 4)}, size=(0, 0), factor=factor, network="mine")
    result = scumble_run_tool("upscale", job, context)
    assert result.candidates[0].image.shape == (20 * int(factor), 30 * int(factor), 4)
    assert result.notes["network"] == "mine"


def test_a_network_that_is_gone_is_named(shelf, make_job):
    folder, context = shelf
    with pytest.raises(ScumbleError, match=f"no “mine”.*{folder}"):
        run(make_job, context, noise(8, 8), network="mine")


def test_a_network_with_numbers_that_are_none_is_refused(shelf, make_job):
    folder, context = shelf
    tensors = residual(1).state_dict()
    tensors["conv_last.bias"][0] = float("nan")
    save_file(tensors, folder / "mine.safetensors")
    with pytest.raises(ScumbleError, match="“mine” cannot be read: some of its values are not numbers"):
        run(make_job, context, noise(8, 8), network="mine")


def test_cancel_is_heard_between_the_blocks(tmp_path):
    save_file(residual(2).state_dict(), tmp_path / "a.safetensors")
    heard = []

    def cancel():
        heard.append(1)
        if len(heard) > 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        enlarge(load_network(tmp_path / "a.safetensors", "cpu", cancel), noise(64, 64), lambda done, count: None)
    assert len(heard) == 2


def test_transformers_that_enlarge_are_told_apart(tmp_path):
    tensors = {
        "conv_first.weight": torch.zeros(8, 3, 3, 3),
        "layers.0.residual_group.blocks.0.norm1.weight": torch.zeros(8),
    }
    save_file(tensors, tmp_path / "a.safetensors")
    entry = describe(tmp_path / "a.safetensors", (0, 0), PRESETS)
    assert (entry.kind, entry.fault) == ("upscaler", "model-unused")
