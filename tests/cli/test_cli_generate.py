from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scumble.cli import main
from scumble.files import open_document


def pixels(path: str) -> np.ndarray:
    with Image.open(path) as picture:
        return np.array(picture.convert("RGB"))


def test_a_picture_is_invented_and_a_part_of_it_filled_and_not_a_pixel_more(work: Path, scumble):
    prompt = " ".join(f"word{number}" for number in range(400))
    made = scumble("run", "txt2img", "--prompt", prompt, "--seed", "7", "--steps", "2", "--out", "a.png")
    assert (made.returncode, made.stdout) == (0, "a.png  (seed 7)\n")
    assert made.stderr.splitlines()[-1].endswith("tokens; the model reads the first 77 and ignores the rest.")
    assert pixels("a.png").shape == (128, 128, 3)

    mask = np.zeros((128, 128), np.uint8)
    mask[20:70, 30:90] = 255
    Image.fromarray(mask).save("m.png")
    arguments = ["--image", "a.png", "--mask", "m.png", "--prompt", "a red boat", "--seed", "7", "--steps", "2"]
    filled = scumble("run", "inpaint", *arguments, "--out", "b.png", "--open-raster")
    assert (filled.returncode, filled.stdout.splitlines()) == (0, ["b.png  (seed 7)", "b.ora  (seed 7)"])
    changed = (pixels("a.png") != pixels("b.png")).any(axis=-1)
    assert changed[mask > 0].mean() > 0.9
    assert not changed[mask == 0].any()
    layer = open_document(work / "b.ora").document.layers[-1]
    assert layer.mask is not None
    assert (layer.recipe.model, layer.recipe.params["prompt"]) == ("starter_model", "a red boat")


def test_a_mode_brings_its_strength_with_it(work: Path):
    Image.fromarray(np.random.default_rng(5).integers(0, 256, (96, 128, 3), np.uint8)).save("a.png")
    Image.fromarray(np.full((96, 128), 255, np.uint8)).save("m.png")
    arguments = ["--image", "a.png", "--mask", "m.png", "--steps", "1", "--seed", "3", "--mode", "vary"]
    assert main(["run", "inpaint", *arguments, "--out", "vary.ora"]) == 0
    params = open_document(work / "vary.ora").document.layers[-1].recipe.params
    assert (params["mode"], params["strength"], params["under"], params["seed"]) == ("vary", 0.6, "original", 3)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["txt2img", "--width", "100"], 2, "“Width” is 100, but must be a multiple of 8 from 64 to 2048."),
        (["txt2img", "--model", "none"], 1, "The model “none” is not on this machine."),
        (["inpaint", "--image", "picture.png", "--mask", "empty.png"], 1, "The mask is empty, so there is nothing to"),
    ],
)
def test_what_cannot_be_done_is_told(
    work: Path, arguments: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["run", *arguments, "--out", "a.png"]) == code
    assert capsys.readouterr().err.startswith(f"scumble: {sentence}")
    assert not Path("a.png").exists()


def test_the_models_are_listed(capsys: pytest.CaptureFixture[str]):
    assert main(["models"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split()[:3] == ["starter_model", "128", "px"]
