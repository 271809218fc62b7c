"""`scumble replay`: the same recipe on the same machine gives the same bytes, and what does not is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scumble.cli import main
from scumble.document import Recipe, Rect
from scumble.document.edits import add_layer, set_layer
from scumble.files import open_document, save_document


def test_a_recipe_makes_the_same_bytes_and_changes_are_told(work: Path, scumble, capsys: pytest.CaptureFixture[str]):
    picture = ["--image", "picture.png", "--mask", "mask.png", "--prompt", "a red boat", "--steps", "2"]
    made = scumble("run", "inpaint", *picture, "--seed", "7", "--batch", "2", "--out", "b.ora")
    assert made.returncode == 0, made.stderr

    path = work / "b-2.ora"
    document = open_document(path).document
    layer = document.layers[-1]
    assert (layer.recipe.params["seed"], layer.recipe.notes["first-seed"]) == (8, "7")
    crop = layer.recipe.crop.copy()
    crop[0, 0, 0] ^= 4
    ground = document.layers[0].id
    add_layer(document, "Altered", above=ground, recipe=replace(layer.recipe, crop=crop))
    other = replace(layer.recipe, model="other_model")
    add_layer(document, "Elsewhere", recipe=other)
    own = layer.recipe.notes
    assert own["vae"] == ""
    add_layer(document, "Decoded", recipe=replace(layer.recipe, notes={**own, "vae": "gone"}))
    add_layer(document, "Taught", recipe=replace(layer.recipe, notes={**own, "word:mood": "00"}))
    add_layer(document, "Rounded", recipe=replace(layer.recipe, crop=crop, notes={**own, "dtype": "bfloat16"}))
    add_layer(document, "Gone", recipe=Recipe(tool="gone", plugin="org.gone", box=Rect(0, 0, 8, 8)))
    save_document(document.snapshot(), work / "c.ora")
    before = (work / "c.ora").read_bytes()

    assert main(["replay", "c.ora"]) == 1
    lines = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    assert lines["Altered"] == "differs by at most 4 of 255"
    assert lines["a red boat"] == "same"
    assert lines["Elsewhere"] == "not made again. The model “other_model” is not on this machine."
    assert lines["Gone"].startswith("not made again. There is no tool called “gone”.")
    assert lines["Decoded"].startswith("not made again. There is no VAE called “gone” on this machine.")
    assert lines["Taught"].startswith("not made again. “mood” of the recipe of “Taught” is not on this machine, or")
    assert lines["Rounded"].startswith("differs by at most ")
    assert "; computed with dtype float32 instead of bfloat16" in lines["Rounded"]
    assert (work / "c.ora").read_bytes() == before

    assert main(["replay", "c.ora", "--layer", "a red boat"]) == 0
    assert capsys.readouterr().out == "a red boat: same\n"
    set_layer(document, ground, "Hide", visible=False)
    save_document(document.snapshot(), work / "d.ora")
    assert main(["replay", "d.ora", "--layer", "a red boat"]) == 1
    assert capsys.readouterr().out.endswith("of 255 (what lies below has changed since)\n")


def test_a_picture_without_generated_layers_is_told(work: Path, capsys: pytest.CaptureFixture[str]):
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save("plain.png")
    assert main(["replay", "plain.png"]) == 1
    assert capsys.readouterr().err == "scumble: There is no generated layer in this picture.\n"
    assert main(["replay", "absent.ora"]) == 1
