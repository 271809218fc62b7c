"""`scumble run adjust-…`: the same adjustments on files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scumble.files import open_document


@pytest.fixture
def photo(work: Path):
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 256, (300, 1100, 3), np.uint8)
    Image.fromarray(pixels).save("a.png")
    return pixels


def read(path: str) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def test_a_picture_is_inverted(photo, scumble):
    done = scumble("run", "adjust-invert", "--image", "a.png", "--out", "b.png")
    assert (done.returncode, done.stdout) == (0, "b.png\n")
    assert np.array_equal(read("b.png"), 255 - photo)


def test_only_what_the_mask_lets(photo, scumble):
    mask = np.zeros((300, 1100), np.uint8)
    mask[40:200, 500:900] = 255
    Image.fromarray(mask).save("m.png")
    scumble("run", "adjust-levels", "--all", "0 1 1 0 0", "--image", "a.png", "--mask", "m.png", "--out", "b.png")
    assert np.array_equal(read("b.png"), np.where(mask[..., None] > 0, 0, photo))


def test_layers_are_kept_and_the_top_one_is_adjusted(photo, scumble, work: Path):
    scumble("run", "adjust-curves", "--red", "0,1 1,0", "--image", "a.png", "--out", "b.ora")
    document = open_document(work / "b.ora").document
    assert len(document.layers) == 1
    assert document.layers[0].recipe is None


def test_sixteen_bits_stay_sixteen(work: Path, scumble):
    deep = np.arange(300 * 200, dtype=np.uint16).reshape(200, 300)
    Image.fromarray(deep).save("deep.png")
    first = open_document(work / "deep.png").document
    scumble("run", "adjust-invert", "--image", "deep.png", "--out", "b.ora")
    second = open_document(work / "b.ora").document
    assert second.format is first.format
    before, after = (d.snapshot().read_colour(d.layers[0].surface, d.bounds) for d in (first, second))
    colours = [place for place in range(4) if place != first.format.alpha]
    assert np.array_equal(after[..., colours], first.format.maximum - before[..., colours])


def test_values_that_do_not_fit_are_refused_in_a_sentence(photo, scumble):
    done = scumble("run", "adjust-curves", "--all", "1,1 0,0", "--image", "a.png", "--out", "b.png")
    assert done.returncode != 0
    assert "“All channels” is 1,1 0,0, but must be points" in done.stderr
    assert not Path("b.png").exists()


def test_help_explains_the_values(scumble, work: Path):
    done = scumble("run", "adjust-curves", "--help")
    assert "POINTS" in done.stdout
    assert "--model" not in done.stdout
    assert "--mask" in done.stdout


def test_no_torch_is_needed(photo, scumble, monkeypatch, work: Path):
    (work / "torch.py").write_text("raise ImportError('not here')")
    monkeypatch.setenv("PYTHONPATH", f"{work}:{__import__('os').environ.get('PYTHONPATH', '')}")
    done: subprocess.CompletedProcess[str] = scumble(
        "run", "adjust-noise", "--amount", "10", "--image", "a.png", "--out", "b.png"
    )
    assert done.returncode == 0, done.stderr
    assert not np.array_equal(read("b.png"), photo)
