"""More like one: a job that begins from a candidate, or the same with another seed; and jobs made of recipes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scumble.api import Candidate, Input, JobRegion, Param, Tool, ToolJob
from scumble.document import FIRST_FRAME, Recipe, Rect
from scumble.generation import Anchor, Blend, Prepared, composite_mask, denoise_mask
from scumble.generation.blend import first_of, recipe
from scumble.generation.likeness import STRENGTH, can_repeat, from_recipe, more_like, starts_from_picture
from scumble.generation.masks import bounds_of, scaled

BOX = Rect(8, 16, 48, 32)
SIZE = (96, 64)
SEED = Param(type="seed", title="Seed", default=-1)
STRONG = Param(type="number", title="Strength", default=1.0, minimum=0.0, maximum=1.0)
CANVAS, MASK = Input(name="image", kind="canvas"), Input(name="mask", kind="selection")


def selection():
    mask = np.zeros((BOX.height, BOX.width), np.uint8)
    mask[10:20, 12:30] = 255
    return mask


def job(params, inputs=(), result="layer", **given):
    tool = Tool(id="t", title="T", result=result, inputs=inputs, params=params)
    masked = selection() if MASK in inputs else None
    anchor = Anchor("d", (100, 100), BOX, None, FIRST_FRAME)
    values = {name: 5 if param.type == "seed" else param.default for name, param in params.items()}
    return Prepared(ToolJob("j", "p", "t", values, given, SIZE), tool, anchor, BOX, Blend(2, 4), masked)


@pytest.fixture
def candidate():
    return Candidate(np.random.default_rng(2).integers(0, 256, (64, 96, 4), np.uint8), 5)


def test_a_tool_with_strength_begins_from_the_candidate(candidate):
    made = job({"strength": STRONG, "seed": SEED}, (CANVAS, MASK), "masked-layer")
    assert starts_from_picture(made.tool)
    assert can_repeat(made)
    wanted = more_like(made, candidate, "new")
    assert wanted.job.id == "new"
    assert wanted.job.params["strength"] == STRENGTH
    assert wanted.job.params["seed"] != 5
    assert (wanted.job.inputs["image"] == candidate.image[..., :3]).all()
    assert (wanted.job.inputs["mask"] == scaled(denoise_mask(selection(), made.blend), SIZE)).all()
    assert wanted.anchor == made.anchor
    assert made.job.params == {"strength": 1.0, "seed": 5}


def test_a_fill_varies_what_is_there_and_lays_nothing_else_under_the_mask(candidate):
    mode = Param(type="enum", title="Mode", default="fill", choices=("fill", "vary"), ui="mode")
    under = Param(type="enum", title="Under", default="blurred", choices=("blurred", "original"), ui="under")
    made = job({"strength": STRONG, "kind": mode, "below": under, "seed": SEED}, (CANVAS, MASK), "masked-layer")
    wanted = more_like(made, candidate, "new")
    assert (wanted.job.params["kind"], wanted.job.params["below"]) == ("vary", "original")


def test_any_other_is_asked_the_same_again(candidate):
    seen = np.zeros((64, 96, 3), np.uint8)
    made = job({"seed": SEED}, (CANVAS,), image=seen)
    wanted = more_like(made, candidate, "new")
    assert wanted.job.inputs["image"] is seen
    assert wanted.job.params["seed"] != 5


@pytest.mark.parametrize(
    ("params", "inputs", "given", "can"),
    [
        ({"seed": SEED}, (), {}, True),
        ({}, (), {}, False),
        ({"seed": SEED}, (CANVAS,), {}, False),
        ({"seed": SEED}, (CANVAS,), {"image": np.zeros((2, 2, 3), np.uint8)}, True),
        ({"seed": SEED, "strength": STRONG}, (CANVAS, MASK), {}, True),
        ({"seed": SEED}, (Input(name="style", kind="picture"),), {}, False),
        ({"seed": SEED}, (Input(name="style", kind="picture", optional=True),), {}, True),
    ],
)
def test_whether_one_can_be_repeated(params, inputs, given, can):
    assert can_repeat(job(params, inputs, **given)) is can


def test_a_job_comes_back_from_its_recipe(candidate):
    made = job({"strength": STRONG, "seed": SEED}, (CANVAS, MASK), "masked-layer")
    kept = recipe(made, candidate, BOX, made.blend, {"dtype": "float32"})
    again, picture = from_recipe(kept, made.tool, replace(made.anchor, box=Rect(0, 0, 1, 1)), job_id="j")
    assert again.anchor == made.anchor
    assert again.blend == made.blend
    assert (again.selection == made.selection).all()
    assert again.affected == bounds_of(composite_mask(selection(), made.blend), BOX)
    assert again.job.params == {"strength": 1.0, "seed": 5}
    assert again.job.size == SIZE
    assert picture.seed == 5
    assert (picture.image == candidate.image).all()


def test_without_its_picture_there_is_no_candidate():
    bare = Recipe(tool="t", plugin="p", box=BOX)
    with pytest.raises(ValueError, match="no picture"):
        from_recipe(bare, Tool(id="t", title="T"), Anchor("d", (1, 1), BOX))


def test_a_job_that_comes_back_knows_its_regions_its_passes_and_what_it_saw(candidate):
    made = job({"strength": STRONG, "seed": SEED}, (CANVAS, MASK), "masked-layer")
    mask = np.zeros(SIZE[::-1], np.uint8)
    mask[2:5, 3:9] = 255
    region = JobRegion("Region 1", mask, "a heron", "fog", 0.5)
    made = replace(made, job=replace(made.job, regions=(region,), first=(64, 72)), below="below:abc")
    kept = recipe(made, candidate, BOX, made.blend, {})
    again, picture = from_recipe(kept, made.tool, made.anchor)
    (found,) = again.job.regions
    assert (found.name, found.prompt, found.negative, found.strength) == ("Region 1", "a heron", "fog", 0.5)
    assert (found.mask == mask).all()
    assert again.job.first == (64, 72)
    once_more = recipe(again, picture, BOX, again.blend, dict(kept.notes))
    assert once_more.regions == kept.regions
    assert once_more.below == "below:abc"
    assert once_more.notes == kept.notes
    assert once_more.inputs.keys() == kept.inputs.keys()


@pytest.mark.parametrize("note", ["", "64", "a × b", "-8 × 8", "99999999999 × 8", "8 × 8 × 8"])
def test_a_note_that_is_no_size_tells_of_no_first_pass(note):
    assert first_of(Recipe(tool="t", plugin="p", box=BOX, notes={"first-pass": note})) == (0, 0)
