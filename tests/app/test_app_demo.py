"""The demo is the whole program at work: words to picture, stroke, mask, fill, restyle, enlarge, save."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from scumble.files import open_document


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that the demo filled, and what it said."""
    folder = tmp_path_factory.mktemp("demo") / "pictures"
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    done = subprocess.run(
        [sys.executable, "-m", "scumble", "demo", "--out", str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == "", "a tour is silent but for what it says"
    return folder, done.stdout


def pixels(path: Path) -> NDArray[np.float64]:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(float)


def test_says_what_it_did_and_how_long_it_took(tour: tuple[Path, str]) -> None:
    folder, said = tour
    steps = re.findall(r"^ *(\d+\.\d) s  (.+)$", said, re.MULTILINE)
    assert len(steps) >= 9
    assert str(folder) in said


def test_changed_no_pixel_outside_the_outlined_area(tour: tuple[Path, str]) -> None:
    found = re.search(r"(\d+) pixels changed inside the outlined area, (\d+) outside it", tour[1])
    assert found is not None
    assert int(found[1]) > 1000
    assert found[2] == "0"


def test_leaves_pictures_worth_looking_at(tour: tuple[Path, str]) -> None:
    folder, _ = tour
    previous = None
    for name in ("3-invented", "4-painted", "7-filled", "9-restyled"):
        picture = pixels(folder / f"{name}.png")
        assert picture.shape == (256, 256, 3)
        assert picture.std() > 8, f"{name} is blank"
        assert previous is None or np.abs(picture - previous).mean() > 0.5, f"{name} shows nothing new"
        previous = picture
    assert pixels(folder / "10-enlarged.png").shape == (512, 512, 3)
    assert (folder / "window-11-enlarged.png").exists()
    for shot in folder.glob("window-*.png"):
        assert pixels(shot).std() > 10


def test_the_saved_file_keeps_layers_and_recipes(tour: tuple[Path, str]) -> None:
    path = tour[0] / "picture.ora"
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    layers = open_document(path).document.layers
    recipes = [layer.recipe.tool for layer in layers if getattr(layer, "recipe", None) is not None]
    assert recipes == ["txt2img", "inpaint", "style"]
    assert sum(layer.mask is not None for layer in layers) == 1


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = subprocess.run(
        [sys.executable, "-m", "scumble", "demo", "--out", str(tmp_path / "file" / "demo")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "could not be saved" in done.stderr
    assert "Traceback" not in done.stderr
