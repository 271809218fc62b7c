"""Every mode of a fill, and what lies under the mask, with a model of 4 channels and one of 9."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from scumble.api import FILL_MODES, UNDERS
from scumble.engine.models import ModelLibrary, default_folders
from scumble.generation.modes import MODES
from scumble_inpaint.runtime import scumble_run_tool
from scumble_inpaint.under import laid_under


@pytest.fixture(scope="module")
def nine(tmp_path_factory):
    """The starter model with the five channels more of an inpainting model, which it has not learnt to read."""
    folder = tmp_path_factory.mktemp("models") / "nine"
    shutil.copytree(default_folders()[0], folder)
    config = folder / "unet" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "in_channels": 9}))
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(weights)
    first = tensors["conv_in.weight"]
    tensors["conv_in.weight"] = torch.cat([first, 0.01 * torch.ones_like(first[:, :1]).repeat(1, 5, 1, 1)], dim=1)
    save_file(tensors, weights)
    return ModelLibrary([folder])


@pytest.fixture(params=[4, 9])
def context(request, make_context, nine):
    made = make_context()
    if request.param == 9:
        made.library, made.model_id = nine, "nine"
        assert nine.infos()[0].inpainting
    return made


@pytest.fixture
def mask():
    made = np.zeros((128, 128), np.uint8)
    made[40:88, 40:88] = 255
    return made


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_changes_the_free_part(context, make_job, drawn, mask, mode):
    implied = MODES[mode]
    given = {"mode": mode, "strength": implied.strength, "under": implied.under}
    job = make_job("scumble_inpaint", {"image": drawn[1], "mask": mask}, steps=4, **given)
    (candidate,) = scumble_run_tool("inpaint", job, context).candidates
    difference = np.abs(candidate.image.astype(int) - drawn[1]).mean(-1)
    assert difference[mask > 0].mean() > 4
    assert len(context.steps) == 4
    if not context.model.info.inpainting:
        assert difference[:24].mean() < 12


def test_there_is_a_meaning_for_every_mode_and_everything_under_it(make_job):
    assert set(MODES) == set(FILL_MODES) - {"auto"}
    assert {implied.under for implied in MODES.values()} <= set(UNDERS) - {"auto"}


@pytest.mark.parametrize("under", UNDERS)
def test_what_lies_under_the_mask(make_context, make_job, drawn, mask, under):
    mask[88:92, 40:88] = 100
    job = make_job("scumble_inpaint", {}, under=under, colour="#ff0080")
    made = laid_under(drawn[0], mask, job, make_context())
    assert np.array_equal(made[mask == 0], drawn[0][mask == 0])
    inside = made[mask == 255]
    if under in ("auto", "original"):
        assert made is drawn[0]
    elif under == "colour":
        assert (inside == (255, 0, 128)).all()
        assert (np.abs(made[90, 60].astype(int) - drawn[0][90, 60]) <= 101).all()
    elif under == "noise":
        assert inside.std() > 60
    else:
        assert (made != drawn[0])[mask == 255].any()
        assert inside.min() >= drawn[0].min()


@pytest.mark.parametrize(("strength", "apart"), [(1.0, 2), (0.7, 20)])
def test_what_lies_there_is_felt_in_what_is_made(make_context, make_job, drawn, mask, strength, apart):
    made = []
    for colour in ("#000000", "#ffffff"):
        given = {"under": "colour", "colour": colour, "strength": strength, "seed": 3, "steps": 4}
        job = make_job("scumble_inpaint", {"image": drawn[2], "mask": mask}, **given)
        (candidate,) = scumble_run_tool("inpaint", job, make_context()).candidates
        made.append(candidate.image[mask > 0].astype(int))
    assert np.abs(made[1] - made[0]).mean() > apart
    assert strength == 1.0 or made[1].mean() - made[0].mean() > apart


def test_at_full_strength_noise_is_what_there_always_was(make_context, make_job, drawn, mask):
    inputs = {"image": drawn[2], "mask": mask}
    made = [
        scumble_run_tool("inpaint", make_job("scumble_inpaint", inputs, under=under, steps=3), make_context())
        for under in ("noise", "original")
    ]
    assert np.array_equal(made[0].candidates[0].image, made[1].candidates[0].image)


def test_few_steps_of_a_weak_fill_are_at_least_four(make_context, make_job, drawn, mask):
    context = make_context()
    job = make_job("scumble_inpaint", {"image": drawn[0], "mask": mask}, strength=0.1, steps=20)
    scumble_run_tool("inpaint", job, context)
    assert [step[:2] for step in context.steps] == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("mode", ["remove", "expand"])
def test_an_erase_model_that_is_there_takes_things_away(make_context, make_job, drawn, mask, mode):
    context = make_context()
    asked = []

    class Erasing(type(context)):
        eraser = "big-lama"

        def erase(self, picture, hole):
            asked.append(hole)
            return np.where(hole[..., None] > 0, np.uint8(99), picture)

    erasing = Erasing(context.library, context.model_id, context.tmp_dir)
    given = {"mode": mode, "under": "classical", "strength": 0.4, "steps": 4}
    job = make_job("scumble_inpaint", {"image": drawn[0], "mask": mask}, **given)
    result = scumble_run_tool("inpaint", job, erasing)
    assert len(asked) == (mode == "remove")
    assert result.notes.get("eraser") == ("big-lama" if mode == "remove" else None)
