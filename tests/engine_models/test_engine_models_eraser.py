"""Erase models: LaMa's layout recognised and run, on tiny random weights, against the same network made of modules."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from scumble.api import Cancelled, ScumbleError, ToolJob
from scumble.engine.models import ModelLibrary
from scumble.engine.models.eraser import read_eraser
from scumble.engine.models.erasing import load_eraser
from scumble.engine.models.lama import Lama
from scumble.plugins import Catalogue, resolve_params
from scumble.service import EngineSettings, ModelService, run_job

LOCAL, GLOBAL = 4, 8


def conv(inputs, outputs, kernel=3, stride=1):
    padding = {"padding": 1, "padding_mode": "reflect"} if kernel == 3 else {}
    return nn.Conv2d(inputs, outputs, kernel, stride, bias=False, **padding)


class Fourier(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv_layer = conv(2 * channels, 2 * channels, 1)
        self.bn = nn.BatchNorm2d(2 * channels)

    def forward(self, x):
        waves = torch.view_as_real(torch.fft.rfft2(x, norm="ortho"))
        batch, channels, height, width, _ = waves.shape
        mixed = waves.permute(0, 1, 4, 2, 3).reshape(batch, 2 * channels, height, width)
        mixed = torch.relu(self.bn(self.conv_layer(mixed)))
        mixed = mixed.view(batch, channels, 2, height, width).permute(0, 1, 3, 4, 2).contiguous()
        return torch.fft.irfft2(torch.view_as_complex(mixed), s=x.shape[-2:], norm="ortho")


class Spectral(nn.Module):
    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.conv1 = nn.Sequential(conv(channels, half, 1), nn.BatchNorm2d(half), nn.ReLU())
        self.fu, self.conv2 = Fourier(half), conv(half, channels, 1)

    def forward(self, x):
        narrow = self.conv1(x)
        return self.conv2(narrow + self.fu(narrow))


class Ffc(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride):
        super().__init__()
        (local_in, wide_in), (local, wide) = inputs, outputs
        self.convl2l = conv(local_in, local, kernel, stride)
        if wide:
            self.convl2g = conv(local_in, wide, kernel, stride)
        if wide_in:
            self.convg2l, self.convg2g = conv(wide_in, local, kernel, stride), Spectral(wide)

    def forward(self, local, wide):
        if wide is None:
            return self.convl2l(local), self.convl2g(local) if hasattr(self, "convl2g") else None
        return self.convl2l(local) + self.convg2l(wide), self.convl2g(local) + self.convg2g(wide)


class Layer(nn.Module):
    def __init__(self, inputs, outputs, kernel=3, stride=1):
        super().__init__()
        self.ffc, self.bn_l = Ffc(inputs, outputs, kernel, stride), nn.BatchNorm2d(outputs[0])
        if outputs[1]:
            self.bn_g = nn.BatchNorm2d(outputs[1])

    def forward(self, pair):
        local, wide = self.ffc(*pair)
        return torch.relu(self.bn_l(local)), None if wide is None else torch.relu(self.bn_g(wide))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        both = (LOCAL, GLOBAL)
        self.conv1, self.conv2 = Layer(both, both), Layer(both, both)

    def forward(self, pair):
        local, wide = self.conv2(self.conv1(pair))
        return pair[0] + local, pair[1] + wide


class Network(nn.Module):
    """LaMa with two blocks."""

    def __init__(self):
        super().__init__()
        layers = [nn.ReflectionPad2d(3), Layer((4, 0), (2, 0), 7), Layer((2, 0), (4, 0), stride=2)]
        layers += [Layer((4, 0), (6, 0), stride=2), Layer((6, 0), (LOCAL, GLOBAL), stride=2), Block(), Block()]
        layers.append(nn.Identity())
        for inputs, outputs in ((LOCAL + GLOBAL, 6), (6, 4), (4, 2)):
            layers += [nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, 1), nn.BatchNorm2d(outputs), nn.ReLU()]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(2, 3, 7), nn.Sigmoid()]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        pair = (self.model[0](x), None)
        for layer in self.model[1:7]:
            pair = layer(pair)
        x = torch.cat(pair, dim=1)
        for layer in self.model[8:]:
            x = layer(x)
        return x


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(4)
    made = Network().eval()
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return made


@pytest.fixture
def saved(network, tmp_path):
    def save(prefix="model.", without=(), name="lama"):
        tensors = {prefix + key: value.clone() for key, value in network.state_dict().items()}
        kept = {key: value for key, value in tensors.items() if not any(part in key for part in without)}
        save_file(kept, tmp_path / f"{name}.safetensors")
        return tmp_path / f"{name}.safetensors"

    return save


@pytest.fixture
def picture():
    return np.random.default_rng(1).integers(0, 256, (45, 70, 3), np.uint8)


@pytest.fixture
def mask():
    made = np.zeros((45, 70), np.uint8)
    made[10:30, 20:50] = 255
    return made


def test_it_computes_what_its_makers_network_does(network):
    generator = torch.Generator().manual_seed(2)
    picture = torch.rand((1, 3, 48, 64), generator=generator)
    hole = (torch.rand((1, 1, 48, 64), generator=generator) > 0.6).float()
    weights = {name.removeprefix("model."): value for name, value in network.state_dict().items()}
    with torch.no_grad():
        theirs = network(torch.cat([picture * (1 - hole), hole], dim=1))
    assert theirs.std() > 0.01
    torch.testing.assert_close(Lama(weights)(picture, hole, lambda: None), theirs, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("prefix", ["", "model.", "generator."])
def test_a_file_is_found_and_fills_the_hole_alone(saved, tmp_path, picture, mask, prefix):
    saved(prefix)
    library = ModelLibrary([tmp_path])
    assert list(library.erasers) == ["lama"]
    assert library.infos() == ()
    assert library.faults == {}
    made = library.erase(picture, mask, "cpu", lambda: None)
    assert made.shape == picture.shape
    assert np.array_equal(made[mask == 0], picture[mask == 0])
    assert (made != picture).any(axis=-1)[mask > 0].mean() > 0.9
    blank = np.where(mask[..., None] > 0, np.uint8(7), picture)
    assert np.array_equal(library.erase(blank, mask, "cpu", lambda: None), made)


def test_the_file_is_read_once_and_let_go(saved, tmp_path, picture, mask):
    path = saved()
    library = ModelLibrary([tmp_path])
    first = library.erase(picture, mask, "cpu", lambda: None)
    stat = path.stat()
    path.write_bytes(bytes(stat.st_size))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert np.array_equal(library.erase(picture, mask, "cpu", lambda: None), first)
    library.unload()
    with pytest.raises(ScumbleError) as caught:
        library.erase(picture, mask, "cpu", lambda: None)
    assert caught.value.code == "model-broken"


def test_a_file_that_changed_is_read_anew(saved, network, tmp_path, picture, mask):
    path = saved()
    library = ModelLibrary([tmp_path])
    first = library.erase(picture, mask, "cpu", lambda: None)
    save_file({f"generator.{name}": value * 1.5 for name, value in network.state_dict().items()}, path)
    assert not np.array_equal(library.erase(picture, mask, "cpu", lambda: None), first)
    path.unlink()
    with pytest.raises(ScumbleError) as caught:
        library.erase(picture, mask, "cpu", lambda: None)
    assert caught.value.code == "model-none"


@pytest.mark.parametrize("without", ["convg2g.conv2", "11.weight", "5.conv1.ffc.convl2l"])
def test_missing_weights_are_told(saved, tmp_path, picture, mask, without):
    saved(without=(without,))
    with pytest.raises(ScumbleError) as caught:
        ModelLibrary([tmp_path]).erase(picture, mask, "cpu", lambda: None)
    assert caught.value.code == "model-broken"
    assert caught.value.params["model"] == "lama"


def test_none_is_told_and_a_job_can_be_cancelled(saved, tmp_path, picture, mask):
    with pytest.raises(ScumbleError) as caught:
        ModelLibrary([tmp_path]).erase(picture, mask, "cpu", lambda: None)
    assert caught.value.code == "model-none"

    def cancel():
        raise Cancelled

    file = read_eraser(saved())
    with pytest.raises(Cancelled):
        load_eraser(file, "cpu").erase(picture, mask, cancel)


def test_other_files_are_no_erase_models(tmp_path):
    save_file({"model.2.weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    assert read_eraser(tmp_path / "other.safetensors") is None
    assert ModelLibrary([tmp_path]).erasers == {}


def test_the_engine_takes_something_away_with_it(qapp, saved, tmp_path):
    saved()
    plugin, tool = Catalogue(tmp_path / "plugins").find_tool("inpaint")
    given = {"mode": "remove", "under": "classical", "strength": 0.3, "steps": 2, "seed": 1}
    picture = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    hole = np.zeros((64, 64), np.uint8)
    hole[20:40, 20:40] = 255
    inputs = {"image": picture, "mask": hole}
    params = resolve_params(tool, given)
    job = ToolJob("erase", plugin.id, tool.id, params, inputs, (64, 64), "starter_model")
    service = ModelService(EngineSettings(tmp_path / "home", tmp_path / "plugins", (tmp_path,), threads=1))
    service.start()
    try:
        result = run_job(service, job)
    finally:
        service.shutdown()
    assert result.notes["eraser"] == "lama"
    assert (result.candidates[0].image != picture).any()
