"""Text to image and inpainting, as the engine calls them, on the starter model."""

from __future__ import annotations

import importlib.resources
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from scumble.api import Cancelled, JobRegion, Manifest, ScumbleError
from scumble.document import BGRA8, Document, Rect
from scumble.document.edits import add_layer, select
from scumble.generation import Blend, Region, composite_mask, prepare
from scumble.render import flatten
from scumble_inpaint.runtime import scumble_run_tool as inpaint
from scumble_txt2img.runtime import scumble_run_tool as txt2img

SIZE = (64, 64)


def test_a_seed_makes_the_same_picture_again(make_context, make_job):
    job = make_job("scumble_txt2img", size=(96, 64), prompt="a red cup", steps=4, seed=7)
    first, second = (txt2img("txt2img", job, make_context()) for _ in range(2))
    assert first.candidates[0].image.shape == (64, 96, 3)
    assert np.array_equal(first.candidates[0].image, second.candidates[0].image)
    assert first.notes == {"scheduler": "dpmpp-2m", "dtype": "float32"}


def test_a_batch_counts_its_seeds_up(make_context, make_job):
    context = make_context()
    job = make_job("scumble_txt2img", size=SIZE, prompt="hills", steps=3, seed=5, batch=2)
    result = txt2img("txt2img", job, context)
    assert [candidate.seed for candidate in result.candidates] == [5, 6]
    alone = txt2img("txt2img", make_job("scumble_txt2img", size=SIZE, prompt="hills", steps=3, seed=6), make_context())
    difference = alone.candidates[0].image.astype(int) - result.candidates[1].image
    assert np.abs(difference).max() <= 1
    assert np.abs(alone.candidates[0].image.astype(int) - result.candidates[0].image).max() > 10
    assert [step[:2] for step in context.steps] == [(1, 3), (2, 3), (3, 3)]
    assert all(preview.ndim == 3 for _, _, preview in context.steps)


@pytest.mark.parametrize(
    ("package", "run", "tool"), [("scumble_txt2img", txt2img, "txt2img"), ("scumble_inpaint", inpaint, "inpaint")]
)
def test_a_picture_is_varied_towards_that_of_another_seed(make_context, make_job, package, run, tool):
    inputs = {"image": np.full((64, 64, 3), 90, np.uint8), "mask": np.full((64, 64), 255, np.uint8)}

    def made(**params):
        given = inputs if tool == "inpaint" else {}
        params |= {"under": "noise"} if given else {}
        job = make_job(package, given, (64, 64), tool, prompt="hills", steps=3, vary_seed=9, **params)
        return run(tool, job, make_context()).candidates[0].image.astype(int)

    base, near, far, other = made(), made(vary=0.1), made(vary=1.0), made(seed=9)
    assert np.array_equal(far, other)
    assert 0 < abs(near - base).mean() < 0.5 * abs(far - base).mean()


def test_a_long_prompt_is_noted_and_works(make_context, make_job):
    job = make_job("scumble_txt2img", size=SIZE, prompt="a red cup " * 130, steps=1)
    result = txt2img("txt2img", job, make_context())
    assert "77" in result.notes["prompt-too-long"]


def test_cancel_within_a_step(make_context, make_job):
    context = make_context(cancel_at=2)
    with pytest.raises(Cancelled):
        txt2img("txt2img", make_job("scumble_txt2img", size=SIZE, steps=20), context)
    assert len(context.steps) == 2


def test_the_prompt_matters(make_context, make_job):
    jobs = [make_job("scumble_txt2img", size=SIZE, prompt=prompt, steps=4) for prompt in ("night city", "snow")]
    night, snow = (txt2img("txt2img", job, make_context()).candidates[0].image for job in jobs)
    assert np.abs(night.astype(int) - snow).mean() > 10


def test_inpainting_keeps_the_surroundings(make_context, make_job, drawn):
    picture = drawn[0]
    mask = np.zeros((128, 128), np.uint8)
    mask[40:88, 40:88] = 255
    job = make_job("scumble_inpaint", {"image": picture, "mask": mask}, prompt="a blue pond", steps=6)
    first, second = (inpaint("inpaint", job, make_context()).candidates[0] for _ in range(2))
    assert np.array_equal(first.image, second.image)
    difference = np.abs(first.image.astype(int) - picture).mean(-1)
    inside, far = difference[mask > 0].mean(), difference[:24].mean()
    assert far < 16 < inside


def test_weak_inpainting_changes_less(make_context, make_job, drawn):
    mask = np.full((128, 128), 255, np.uint8)
    change = []
    for strength in (0.2, 1.0):
        inputs = {"image": drawn[1], "mask": mask}
        job = make_job("scumble_inpaint", inputs, prompt="snow", steps=6, strength=strength)
        result = inpaint("inpaint", job, make_context()).candidates[0].image
        change.append(np.abs(result.astype(int) - drawn[1]).mean())
    assert change[0] < 0.6 * change[1]


@pytest.mark.parametrize(("shape", "code"), [((128, 128), "mask-empty"), ((64, 128), "mask-size")])
def test_bad_masks_are_named(make_context, make_job, drawn, shape, code):
    job = make_job("scumble_inpaint", {"image": drawn[0], "mask": np.zeros(shape, np.uint8)})
    with pytest.raises(ScumbleError) as caught:
        inpaint("inpaint", job, make_context())
    assert caught.value.code == code


def test_a_grey_selection_is_a_strength_from_the_document_to_the_engine(make_context, make_job, drawn):
    """What is selected by less changes less; what is wholly selected is as free as can be, in both masks."""
    document = Document(128, 128)
    add_layer(document, "Ground", pixels=BGRA8.from_straight(np.dstack([drawn[1], np.full((128, 128), 255, np.uint8)])))
    manifest = importlib.resources.files("scumble_inpaint").joinpath("scumble.toml").read_bytes()
    tool = msgspec.toml.decode(manifest, type=Manifest).tools[0]
    change = []
    for grey in (70, 160, 255):
        select(document, Rect(32, 32, 64, 64), grey)
        defaults = make_job("scumble_inpaint", prompt="night city", steps=10).params
        region = Region(document.bounds, (128, 128))
        flat = flatten(document.snapshot(), document.bounds)
        prepared = prepare("1", tool, defaults, document, region, flat, plugin="", blend=Blend(4, 8))
        inside = np.s_[36:92, 36:92]
        assert (prepared.job.inputs["mask"][inside] == grey).all()
        assert (composite_mask(prepared.selection, prepared.blend)[inside] == grey).all()
        made = inpaint("inpaint", prepared.job, make_context()).candidates[0].image
        change.append(np.abs(made[inside].astype(int) - drawn[1][inside]).mean())
    assert change == sorted(change)
    assert change[0] < 0.6 * change[2]


@pytest.mark.parametrize(("package", "tool"), [("scumble_inpaint", inpaint), ("scumble_txt2img", txt2img)])
def test_regions_have_prompts_of_their_own(make_context, make_job, drawn, package, tool):
    left = np.zeros((128, 128), np.uint8)
    left[:, :64] = 255
    inputs = {"image": drawn[0], "mask": np.full_like(left, 255)} if tool is inpaint else {}
    job = make_job(package, inputs, prompt="a forest, line drawing on white paper", steps=6, seed=5)
    job = replace(job, regions=(JobRegion("dark", left, "night city"), JobRegion("as asked", 255 - left)))
    made = tool(job.tool, job, make_context()).candidates[0].image
    assert made[:, :60].mean() + 50 < made[:, 68:].mean()


def test_a_weak_region_begins_with_the_picture_and_keeps_some_of_it(make_context, make_job, drawn):
    left = np.zeros((128, 128), np.uint8)
    left[:, :64] = 255
    job = make_job("scumble_inpaint", {"image": drawn[0], "mask": np.full_like(left, 255)}, prompt="snow", steps=8)
    job = replace(job, regions=(JobRegion("weak", left, "snow", strength=0.25), JobRegion("whole", 255 - left, "snow")))
    change = np.abs(inpaint("inpaint", job, make_context()).candidates[0].image.astype(int) - drawn[0])
    assert change[:, :60].mean() < 0.6 * change[:, 68:].mean()


def test_regions_hold_in_both_passes(make_context, make_job, drawn):
    picture = np.tile(drawn[0], (2, 2, 1))
    left = np.zeros((256, 256), np.uint8)
    left[:, :128] = 255
    job = make_job("scumble_inpaint", {"image": picture, "mask": np.full_like(left, 255)}, (256, 256), steps=4)
    words = "a forest, line drawing on white paper"
    regions = JobRegion("dark", left, "night city"), JobRegion("light", 255 - left, words)
    job = replace(job, params={**job.params, "under": "noise"}, regions=regions, first=(128, 128))
    made = inpaint("inpaint", job, make_context()).candidates[0].image
    assert made[:, :120].mean() + 40 < made[:, 136:].mean()
