"""Regions on their way into a job: which count, where they make a tool work, and how far each reaches."""

import numpy as np
import pytest

from scumble.api import Candidate, Input, ModelInfo, Param, Tool
from scumble.document import BGRA8, Document, Rect, RegionPrompt
from scumble.document.edits import add_layer, deselect, select
from scumble.document.regions import add_region, set_region
from scumble.generation import Blend, Region, apply, prepare
from scumble.generation.regional import recipe_regions, selected, selected_bounds

PROMPT = {"prompt": Param(type="prompt", title="Prompt", default="")}
FILL = Tool(
    id="fill",
    title="Fill",
    result="masked-layer",
    regions=True,
    inputs=(Input(name="image", kind="canvas"), Input(name="mask", kind="selection")),
    params=PROMPT,
)
INVENT = Tool(id="invent", title="Invent", regions=True, params=PROMPT)
OTHER = Tool(id="other", title="Other", result="masked-layer", inputs=FILL.inputs, params=PROMPT)
BOX = Region(Rect(0, 0, 128, 64), (128, 64))
MODEL = ModelInfo("starter", "Starter", "sd1", 128, 4, 4)


@pytest.fixture
def document():
    """Two regions side by side, nothing selected, one that is off."""
    made = Document(128, 64, BGRA8)
    add_layer(made, "Ground", pixels=np.full((64, 128, 4), 255, np.uint8))
    for name, rect in (("left", Rect(20, 16, 40, 32)), ("right", Rect(60, 16, 40, 32)), ("off", Rect(0, 0, 9, 9))):
        select(made, rect)
        add_region(made, name, RegionPrompt(f"a {name} thing", "blur", 0.5, on=name != "off"))
    deselect(made)
    return made


def job(document, tool=FILL, blend=None, region=BOX, **more):
    flattened = document.surface(document.layers[0].surface).read(region.box)
    return prepare(
        "7", tool, {"prompt": ""}, document, region, flattened, plugin="org.test", model=MODEL, blend=blend, **more
    )


def test_where_nothing_is_selected_a_tool_works_on_its_regions(document):
    assert selected_bounds(document, FILL) == Rect(20, 16, 80, 32)
    assert selected(document, FILL, BOX.box).sum() == 80 * 32 * 255
    assert selected_bounds(document, OTHER).empty
    select(document, Rect(5, 5, 3, 3))
    assert selected_bounds(document, FILL) == Rect(5, 5, 3, 3)
    prepared = job(document)
    assert prepared.affected == Rect(5, 5, 3, 3)


def test_a_job_has_the_regions_that_are_on_with_their_words(document):
    prepared = job(document)
    assert prepared.affected == Rect(20, 16, 80, 32)
    left, right = prepared.job.regions
    assert (left.name, left.prompt, left.negative, left.strength) == ("left", "a left thing", "blur", 0.5)
    assert left.mask.shape == (64, 128)
    assert not left.mask.flags.writeable
    assert left.mask[30, 59] == right.mask[30, 60] == 255
    assert left.mask[30, 60] == right.mask[30, 59] == 0
    assert job(document, OTHER, selection=np.full((64, 128), 255, np.uint8)).job.regions == ()


def test_a_tool_without_a_selection_gets_the_masks_as_they_are(document):
    select(document, Rect(0, 0, 10, 10))
    left, right = job(document, INVENT, region=Region(Rect(0, 0, 128, 64), (256, 128))).job.regions
    assert left.mask.shape == (128, 256)
    assert np.count_nonzero(left.mask > 127) == 4 * 40 * 32
    assert not (left.mask & right.mask)[:, :118].any()


def test_beside_the_selection_a_region_reaches_as_far_as_the_result_fades(document):
    prepared = job(document, blend=Blend(3, 5))
    left, right = (each.mask for each in prepared.job.regions)
    free = prepared.job.inputs["mask"]
    assert (free[30, :20] > 0).any()
    assert ((left > 0) | (right > 0))[free > 0].all()
    assert left[30, 61] == 0
    assert left[30, 13] == 255


def test_soft_edges_are_shared_out_where_the_regions_are_the_selection(document):
    values = np.zeros((32, 40), np.uint8)
    values[:] = np.linspace(0, 255, 40).astype(np.uint8)
    select(document, Rect(60, 16, 40, 32), values)
    add_region(document, "soft", RegionPrompt("fog"))
    set_region(document, "right", None)
    deselect(document)
    prepared = job(document)
    chosen, soft = prepared.selection, prepared.job.regions[1].mask
    assert chosen[30, 80] == values[0, 20]
    assert soft[30, 80] == 255
    total = np.sum([each.mask for each in prepared.job.regions], axis=0)
    assert (np.abs(total[chosen > 0].astype(int) - 255) <= 1).all()


def test_a_layer_remembers_its_regions(document):
    prepared = job(document, blend=Blend(2, 2))
    layer = apply(document, prepared, Candidate(np.zeros((64, 128, 3), np.uint8), 4))
    made = document.layer(layer).recipe
    assert made.regions["left"] == RegionPrompt("a left thing", "blur", 0.5)
    again = recipe_regions(made, (128, 64))
    for one, other in zip(prepared.job.regions, again, strict=True):
        assert (one.name, one.prompt, one.negative, one.strength) == (
            other.name,
            other.prompt,
            other.negative,
            other.strength,
        )
        assert (one.mask == other.mask).all()
    for name in ("left", "right"):
        set_region(document, name, None)
    same = job(document, selection=made.selection, regions=again)
    assert same.job.regions == again
