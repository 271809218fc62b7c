import importlib.util
import sys

import numpy as np
import pytest
import torch
from degrade import shrink, worsen
from measure import drawn, enlarge, psnr_y, rows
from network import Compact, save
from pictures import picture
from safetensors import safe_open
from safetensors.torch import load_file


@pytest.fixture(scope="module")
def weights(root):
    return root / "plugins/scumble_upscale/weights/x2.safetensors"


@pytest.fixture(scope="module")
def network(weights):
    loaded = Compact()
    loaded.load_state_dict({name: value.float() for name, value in load_file(weights).items()})
    return loaded.eval()


def test_the_weights_have_the_names_and_the_scale(weights):
    with safe_open(weights, "pt") as stored:
        assert stored.metadata()["scale"] == "2"
        assert all(name.split(".")[0] == "body" for name in stored.keys())  # noqa: SIM118
    assert weights.stat().st_size < 200_000
    assert "CC0" in (weights.parent / "README.md").read_text(encoding="utf-8")


def test_it_is_better_than_lanczos_on_drawn_pictures(network):
    table = rows(network, drawn(6, 950_000))
    assert np.mean([row.network - row.lanczos for row in table]) > 1.0


def test_it_doubles_any_size_and_keeps_a_plain_colour(network):
    plain = np.full((17, 23, 3), (200, 90, 40), np.uint8)
    large = enlarge(network, plain)
    assert large.shape == (34, 46, 3)
    assert np.abs(large[4:-4, 4:-4].astype(int) - plain[0, 0]).max() <= 3


@pytest.mark.parametrize("seed", [0, 5, 6])
def test_pictures_and_faults_depend_on_the_seed_alone(seed):
    first = picture(seed, 64)
    assert np.array_equal(first, picture(seed, 64))
    assert np.array_equal(worsen(first, 2, np.random.default_rng(1)), worsen(first, 2, np.random.default_rng(1)))
    assert shrink(first, 2).shape == (32, 32, 3)


def test_psnr_is_that_of_a_known_error():
    truth = np.full((32, 32, 3), 100, np.uint8)
    off = truth + np.uint8(10)
    assert psnr_y(off, truth, 2) == pytest.approx(20 * np.log10(255 / (10 * 219 / 255)), abs=0.01)


def test_the_trainer_writes_weights_that_load(root, tmp_path, monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location("upscaler_train", root / "packaging/upscaler/train.py")
    trainer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(trainer)
    pictures = np.stack([picture(seed, 96) for seed in (0, 6, 7)])
    monkeypatch.setattr(trainer, "pictures_for_training", lambda *_: pictures)
    arguments = ["train.py", "--steps", "12", "--cache", str(tmp_path), "--device", "cpu"]
    monkeypatch.setattr(sys, "argv", arguments)
    found = [trainer.train(trainer.parse()) for _ in range(2)]
    for ours, theirs in zip(found[0].parameters(), found[1].parameters(), strict=True):
        assert torch.equal(ours, theirs)
    save(found[0].state_dict(), tmp_path / "x2.safetensors", 2)
    assert set(load_file(tmp_path / "x2.safetensors")) == set(Compact().state_dict())
