"""The proof: a count of what changed outside the affected area, and a step that is not made where there is any."""

import numpy as np
import pytest

from scumble.api import Candidate, Input, Param, ScumbleError, Tool
from scumble.document import BGRA8, RGBA16, Document, Rect
from scumble.document.edits import add_group, add_layer, select
from scumble.document.layers import update
from scumble.generation import Blend, Reblend, apply, prepare, region_for, settle
from scumble.generation.proof import NOTHING, compare, prove
from scumble.render import flatten

FILL = Tool(
    id="fill",
    title="Fill",
    result="masked-layer",
    inputs=(Input(name="image", kind="canvas"), Input(name="mask", kind="selection")),
    params={"seed": Param(type="seed", title="Seed", default=-1)},
)
BLEND = Blend(4, 10, match=1.0, seam=1.0)


@pytest.fixture(params=[BGRA8, RGBA16], ids=lambda value: value.name)
def document(request):
    made = Document(400, 360, request.param)
    pixels = np.random.default_rng(3).integers(0, 256, (360, 400, 3), np.uint8)
    add_layer(made, "Ground", pixels=request.param.from_straight(pixels))
    add_layer(made, "Above", pixels=request.param.from_straight(pixels[100:160, 100:160]))
    made.activate(made.layers[0].id)
    select(made, Rect(150, 140, 60, 50))
    return made


def prepared(document):
    region = region_for(FILL, {"seed": 1}, document.bounds, document.selection_bounds, native=128, blend=BLEND)
    seen = flatten(document.snapshot(), region.box)
    return prepare("1", FILL, {"seed": 1}, document, region, seen, plugin="p", blend=BLEND)


def noise(job, seed=4):
    width, height = job.job.size
    return Candidate(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8), seed)


def test_an_apply_and_a_reblend_are_proved_and_something_was_compared(document):
    job = prepared(document)
    proofs = []

    def within(edit, document, layer_id):
        settle(edit, document, layer_id, flatten)
        proofs.append(prove(document, layer_id, flatten))

    layer_id = apply(document, job, noise(job), within=within)
    work = Reblend(document, layer_id, flatten)
    with document.history.transaction("Blend") as edit:
        work.show(edit, Blend(20, 30, 0.5, 0.5, 1.0))
        work.finish(edit, Blend(2, 3, 1.0, 1.0, 0.5))
        proofs.append(prove(document, layer_id, flatten))
    assert [proof.changed for proof in proofs] == [0, 0]
    assert all(proof.compared > 1000 for proof in proofs)


@pytest.mark.parametrize(
    "where",
    ["another layer", "the layer outside its box", "the mask beyond the edge", "what is seen", "what is clipped"],
)
def test_a_single_pixel_is_found_and_the_step_is_rolled_back(document, where):
    job = prepared(document)
    before = flatten(document.snapshot(), document.bounds)
    steps, ground = document.history.position, document.layers[0].surface

    def spoil(edit, document, layer_id):
        settle(edit, document, layer_id, flatten)
        layer = document.paint_layer(layer_id)
        box = layer.recipe.box
        if where == "another layer":
            edit.put(ground, Rect(399, 359, 1, 1), np.full((1, 1, 4), document.format.maximum, document.format.dtype))
        elif where == "the layer outside its box":
            edit.put(layer.mask, Rect(box.right, box.y, 1, 1), np.full((1, 1), 255, np.uint8))
        elif where == "the mask beyond the edge":
            edit.put(layer.mask, Rect(box.x, box.y, 1, 1), np.full((1, 1), 1, np.uint8))
        elif where == "what is clipped":
            tree = update(document.layers, document.layers[-1].id, clip=True)
            edit.set_structure(document.structure.with_layers(tree))
        else:
            tree = update(document.layers, document.layers[0].id, opacity=0.5)
            edit.set_structure(document.structure.with_layers(tree))
        prove(document, layer_id, flatten)

    with pytest.raises(ScumbleError, match="would have changed"):
        apply(document, job, noise(job), within=spoil)
    assert (flatten(document.snapshot(), document.bounds) == before).all()
    assert document.history.position == steps
    assert not document.history.busy


def test_pictures_are_compared_a_tile_at_a_time_where_the_layer_is_drawn(document):
    job, before = prepared(document), document.snapshot()
    layer_id = apply(document, job, noise(job), flatten=flatten)
    looked_at = []

    def watched(snapshot, rect):
        looked_at.append(rect)
        return flatten(snapshot, rect)

    found = sum(compare(before, document.snapshot(), layer_id, watched), NOTHING)
    assert found.changed == 0 < found.compared
    mask = document.surface(document.paint_layer(layer_id).mask)
    assert {(rect.x // 256, rect.y // 256) for rect in looked_at} <= mask.tiles.keys()
    near = mask.bounds().expanded(32)
    assert all(near.covers(rect) for rect in looked_at)
    with document.history.transaction("Elsewhere") as edit:
        corner = Rect(near.x + 1, near.y + 1, 2, 1)
        edit.put(document.layers[0].surface, corner, np.full((1, 2, 4), document.format.maximum, document.format.dtype))
    assert sum(compare(before, document.snapshot(), layer_id, flatten), NOTHING).changed == 2


def test_a_layer_inside_a_group_is_proved_without_looking_at_the_picture(document):
    group = add_group(document, "Group", above=document.layers[0].id)
    document.activate(group)
    add_layer(document, "Inside")
    job = prepared(document)

    def unseen(_snapshot, _rect):
        raise AssertionError("the picture was looked at")

    layer_id = apply(document, job, noise(job), flatten=flatten, within=lambda _, *given: prove(*given, unseen))
    assert layer_id in {layer.id for layer in document.layer(group).children}
