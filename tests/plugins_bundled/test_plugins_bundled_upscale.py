"""Upscaling: exact sizes, no seams, alpha kept, cancel between tiles."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from scumble.api import Cancelled, ScumbleError
from scumble_upscale.network import Compact, enlarge, load_network
from scumble_upscale.runtime import WEIGHTS, scumble_run_tool

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
