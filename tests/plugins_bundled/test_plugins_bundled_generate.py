"""Text to image and inpainting, as the engine calls them, on the starter model."""

from __future__ import annotations

import numpy as np
import pytest

from scumble.api import Cancelled, ScumbleError
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
