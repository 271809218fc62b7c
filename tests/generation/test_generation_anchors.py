"""A candidate follows its document through everything that reshapes it, and back when that is undone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scumble.api import Candidate, Input, JobRegion, Param, Tool, ToolJob
from scumble.document import BGRA8, Document, PaintLayer, Rect
from scumble.document.edits import add_group, add_layer, set_layer
from scumble.generation import Anchor, Blend, Prepared, apply, brought_along
from scumble.paint import reshape
from scumble.paint.transform import Resampling

BOX = Rect(20, 30, 40, 24)
TOOL = Tool(
    id="fill",
    title="Fill",
    result="masked-layer",
    inputs=(Input(name="image", kind="canvas"), Input(name="mask", kind="selection")),
    params={"seed": Param(type="seed", title="Seed", default=-1)},
)


@pytest.fixture
def document():
    made = Document(120, 90)
    pixels = np.empty((90, 120, 4), np.uint8)
    pixels[:] = BGRA8.solid(0.5, 0.5, 0.5)
    add_layer(made, "Ground", pixels=pixels)
    made.history.clear()
    return made


@pytest.fixture
def picture():
    return np.random.default_rng(1).integers(0, 256, (BOX.height, BOX.width, 3), np.uint8)


def prepared(document, result="masked-layer", box=BOX):
    selection = np.zeros((box.height, box.width), np.uint8)
    selection[4:15, 6:30] = 255
    inputs = {"image": np.zeros((24, 40, 3), np.uint8), "mask": selection}
    structure = document.structure
    active = document.active
    anchor = Anchor(document.key, (120, 90), box, active.id if active else None, structure.frame)
    tool = TOOL if result == "masked-layer" else Tool(id="new", title="New", result=result)
    job = ToolJob("j", "p", "fill", {"seed": 3}, inputs, (40, 24))
    return Prepared(job, tool, anchor, box, Blend(), selection if result == "masked-layer" else None)


def layer_pixels(document, layer_id):
    layer = document.paint_layer(layer_id)
    assert isinstance(layer, PaintLayer)
    return document.surface(layer.surface).read(document.bounds), layer


WHOLE = {
    "crop": lambda structure: reshape.crop(Rect(10, 12, 80, 60), keep_outside=False),
    "larger": lambda structure: reshape.crop(Rect(-15, -7, 160, 120), keep_outside=True),
    "across": lambda structure: reshape.flip(structure, across=True),
    "down": lambda structure: reshape.flip(structure, across=False),
    "right": lambda structure: reshape.rotate_quarters(structure, 1),
    "half": lambda structure: reshape.rotate_quarters(structure, 2),
    "left": lambda structure: reshape.rotate_quarters(structure, 3),
}


@pytest.mark.parametrize("name", WHOLE)
def test_applied_after_equals_applied_before(document, picture, name):
    """What loses nothing gives the very pixels that the layer would have if it had been applied first."""
    made, candidate = prepared(document), Candidate(picture, 3)
    first = apply(document, made, candidate)
    reshape.apply(document, WHOLE[name](document.structure), name)
    expected, layer = layer_pixels(document, first)
    mask = document.surface(layer.mask).read(document.bounds)
    document.history.undo()
    document.history.undo()
    reshape.apply(document, WHOLE[name](document.structure), name)
    second = apply(document, made, candidate)
    found, layer = layer_pixels(document, second)
    assert expected.any()
    assert (found == expected).all()
    assert (document.surface(layer.mask).read(document.bounds) == mask).all()
    assert layer.recipe.selection.shape == (layer.recipe.box.height, layer.recipe.box.width)


def test_several_one_after_the_other_and_undone(document, picture):
    made = prepared(document)
    for name in ("crop", "right", "across", "larger"):
        reshape.apply(document, WHOLE[name](document.structure), name)
    moved, turned = brought_along(made, picture, document.structure)
    assert turned.shape == (40, 24, 3)
    assert (moved.anchor.box.width, moved.anchor.box.height) == (24, 40)
    assert moved.job.size == (24, 40)
    assert not moved.job.inputs
    for _ in range(4):
        document.history.undo()
    assert brought_along(made, picture, document.structure) == (made, picture)


def test_scaled_the_box_is_scaled_and_the_picture_keeps_its_pixels(document, picture):
    made = prepared(document)
    reshape.apply(document, reshape.resize_picture(document.structure, 240, 180, Resampling.BICUBIC), "Resize")
    moved, same = brought_along(made, picture, document.structure)
    assert moved.anchor.box == Rect(40, 60, 80, 48)
    assert moved.selection.shape == (48, 80)
    assert same is not picture
    assert (same == picture).all()
    assert moved.job is made.job


def test_turned_by_any_angle_it_lies_where_its_place_went(document):
    red = np.full((24, 40, 3), (250, 10, 10), np.uint8)
    made = prepared(document, "layer")
    reshape.apply(document, reshape.rotate(document.structure, 30.0, Resampling.BICUBIC, enlarge=True), "Rotate")
    layer_id = apply(document, made, Candidate(red))
    found, layer = layer_pixels(document, layer_id)
    a, b, c, d, e, f = document.structure.frame
    middle = (BOX.x + BOX.width / 2, BOX.y + BOX.height / 2)
    x, y = int(a * middle[0] + b * middle[1] + c), int(d * middle[0] + e * middle[1] + f)
    assert np.abs(found[y, x].astype(int) - BGRA8.from_straight(red)[0, 0]).max() <= 1
    covered = (found[..., 3] > 127).sum()
    assert abs(covered - BOX.area) < 0.06 * BOX.area
    assert not found[layer.recipe.box.y, layer.recipe.box.x, 3]


def test_cropped_away_it_is_moved_inside(document, picture):
    made = prepared(document)
    reshape.apply(document, reshape.crop(Rect(70, 60, 50, 30), keep_outside=False), "Crop")
    layer_id = apply(document, made, Candidate(picture))
    box = document.paint_layer(layer_id).recipe.box
    assert document.bounds.covers(box)


@pytest.mark.parametrize("fields", [{"visible": False}, {"locked": True}], ids=["hidden", "locked"])
def test_in_a_group_that_is_hidden_or_locked_it_comes_above_the_group(document, picture, fields):
    group = add_group(document, "Group")
    inner = add_layer(document, "Inner")
    assert document.layer(group).children[0].id == inner
    made = prepared(document)
    set_layer(document, group, "Set", **fields)
    layer_id = apply(document, made, Candidate(picture))
    assert [layer.id for layer in document.layers][-1] == layer_id
    assert document.layers[-2].id == group


@pytest.mark.parametrize("fields", [{"visible": False}, {"locked": True}], ids=["hidden", "locked"])
def test_above_a_layer_that_is_hidden_or_locked_it_is_a_layer_of_its_own(document, picture, fields):
    made = prepared(document)
    ground = document.layers[0]
    set_layer(document, ground.id, "Set", **fields)
    before = document.surface(ground.surface).read(document.bounds)
    layer_id = apply(document, made, Candidate(picture))
    assert [layer.id for layer in document.layers] == [ground.id, layer_id]
    assert (document.surface(ground.surface).read(document.bounds) == before).all()


def test_above_a_group_and_in_an_empty_document(picture):
    document = Document(120, 90)
    apply(document, prepared(document), Candidate(picture))
    group = add_group(document, "Group")
    layer_id = apply(document, prepared(document), Candidate(picture))
    assert [layer.id for layer in document.layers][1:] == [group, layer_id]


def test_regions_and_the_first_pass_are_turned_with_the_picture(document, picture):
    made = prepared(document)
    mask = np.zeros((24, 40), np.uint8)
    mask[:6, :9] = 255
    made = replace(
        made, job=replace(made.job, regions=(JobRegion("Region 1", mask, "a boat", "", 1.0),), first=(32, 16))
    )
    reshape.apply(document, reshape.rotate_quarters(document.structure, 1), "Rotate")
    turned, image = brought_along(made, picture, document.structure)
    (region,) = turned.job.regions
    assert (region.mask == np.rot90(mask, -1)).all()
    assert region.mask.shape == image.shape[:2]
    assert turned.job.first == (16, 32)
    reshape.apply(document, reshape.rotate(document.structure, 20, Resampling.BILINEAR, enlarge=True), "Rotate")
    crooked, _ = brought_along(made, picture, document.structure)
    assert crooked.job.regions == ()
