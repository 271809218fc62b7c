"""A layer blended anew, days later: exact, reversible, and never over what a person has painted."""

import numpy as np
import pytest
from PIL import ImageCms

from scumble.api import Candidate, Input, Param, Tool
from scumble.document import BGRA8, RGBA16, Document, Rect
from scumble.document.edits import add_layer, deselect, duplicate_layer, select, set_structure, translate
from scumble.document.layers import below, update
from scumble.files import open_document
from scumble.files.documents import save_document
from scumble.generation import (
    Blend,
    Reblend,
    Region,
    apply,
    as_applied,
    composite_mask,
    prepare,
    reblend,
    region_for,
    renew,
    settle,
)
from scumble.generation.pictures import to_picture
from scumble.generation.reblend import standing
from scumble.paint import reshape
from scumble.render import flatten

FILL = Tool(
    id="fill",
    title="Fill",
    result="masked-layer",
    inputs=(Input(name="image", kind="canvas"), Input(name="mask", kind="selection")),
    params={"seed": Param(type="seed", title="Seed", default=-1)},
)
BLEND = Blend(3, 9, match=1.0, seam=1.0)
OTHER = Blend(6, 14, 0.5, 0.6, 0.4)


def scene(pixel_format, icc=b""):
    """A picture with a warm, paler fill in the middle; the document, its layer and what lies below."""
    document = Document(300, 260, pixel_format)
    yy, xx = np.mgrid[0:260, 0:300].astype(np.float32)
    picture = np.stack([90 + xx / 3, 60 + yy / 2, 150 - xx / 4], -1).astype(np.uint8)
    ground = pixel_format.from_straight(picture)
    add_layer(document, "Ground", pixels=ground)
    if icc:
        structure = document.structure
        set_structure(document, type(structure)(structure.width, structure.height, structure.layers, icc), "Profile")
    select(document, Rect(110, 90, 70, 60))
    region = region_for(FILL, {"seed": 1}, document.bounds, document.selection_bounds, native=128, blend=BLEND)
    job = prepare(
        "1", FILL, {"seed": 1}, document, region, flatten(document.snapshot(), region.box), plugin="p", blend=BLEND
    )
    made = np.clip(job.job.inputs["image"] * 0.85 + (30, 12, 0), 0, 255).astype(np.uint8)
    layer_id = apply(document, job, Candidate(made, 1), within=lambda *given: settle(*given, flatten))
    deselect(document)
    return document, layer_id, ground


@pytest.fixture(params=[BGRA8, RGBA16], ids=lambda value: value.name)
def made(request):
    return scene(request.param)


def seen(document):
    return flatten(document.snapshot(), document.bounds)


def distance(document, ground):
    """Mean difference to the picture below, in 8-bit steps."""
    pixel_format = document.format
    return np.abs(pixel_format.to_straight(seen(document)).astype(int) - pixel_format.to_straight(ground)).mean()


def paint(document, surface, rect, value):
    with document.history.transaction("Paint") as edit:
        shape = (rect.height, rect.width) + ((4,) if document.surface(surface).channels == 4 else ())
        edit.put(surface, rect, np.full(shape, value, document.surface(surface).dtype))


def test_a_fill_is_matched_as_it_is_applied_and_can_be_unmatched(made):
    document, layer_id, ground = made
    matched = distance(document, ground)
    reblend(document, layer_id, Blend(3, 9), flatten=flatten)
    plain = distance(document, ground)
    reblend(document, layer_id, BLEND, flatten=flatten)
    assert matched < plain / 4
    assert distance(document, ground) == matched


def test_a_drag_is_one_step_that_ends_exactly_where_one_step_would(made):
    document, layer_id, _ = made
    before, steps = seen(document), document.history.position
    work = Reblend(document, layer_id, flatten)
    with document.history.transaction("Blend") as edit:
        for blend in (Blend(200, 60, 1.0, 0.1, 0.9), Blend(), OTHER):
            work.show(edit, blend)
        work.finish(edit, OTHER)
    dragged = seen(document)
    assert document.history.position == steps + 1
    document.history.undo()
    assert (seen(document) == before).all()
    reblend(document, layer_id, OTHER, flatten=flatten)
    assert (seen(document) == dragged).all()
    assert Blend.of(document.paint_layer(layer_id).recipe.blend) == OTHER
    work = Reblend(document, layer_id, flatten)
    with document.history.transaction("Back") as edit:
        work.finish(edit, BLEND)
    assert (seen(document) == before).all()


def test_it_follows_what_lies_below_now(made):
    document, layer_id, _ = made
    ground = document.layers[0]
    darker = document.surface(ground.surface).read(document.bounds) // 2
    darker[..., document.format.alpha] = document.format.maximum
    with document.history.transaction("Darken") as edit:
        edit.put(ground.surface, document.bounds, darker)
    apart = distance(document, darker)
    reblend(document, layer_id, BLEND, flatten=flatten)
    assert distance(document, darker) < apart / 4


def test_painted_pixels_stay_and_only_the_mask_changes(made):
    document, layer_id, _ = made
    layer = document.paint_layer(layer_id)
    paint(document, layer.surface, Rect(130, 100, 8, 8), document.format.maximum)
    assert standing(document, document.paint_layer(layer_id)).pixels == "painted"
    pixels = document.surface(layer.surface).read(document.bounds)
    reblend(document, layer_id, Blend(9, 20, seam=0.3), flatten=flatten)
    after = document.paint_layer(layer_id)
    assert (document.surface(layer.surface).read(document.bounds) == pixels).all()
    assert (
        document.surface(layer.mask).read(after.recipe.box) == composite_mask(after.recipe.selection, Blend(9, 20))
    ).all()
    assert standing(document, after).pixels == "painted"
    assert standing(document, after).mask == ""


def test_a_painted_mask_stays_and_only_colours_change(made):
    document, layer_id, _ = made
    layer = document.paint_layer(layer_id)
    paint(document, layer.mask, Rect(130, 100, 8, 8), 77)
    mask = document.surface(layer.mask).read(document.bounds)
    pixels = document.surface(layer.surface).read(document.bounds)
    reblend(document, layer_id, Blend(9, 20), flatten=flatten)
    assert (document.surface(layer.mask).read(document.bounds) == mask).all()
    assert (document.surface(layer.surface).read(document.bounds) != pixels).any()
    assert standing(document, document.paint_layer(layer_id)).mask == "mask-painted"


def test_taken_as_it_was_made_the_painting_goes_in_one_step_and_undo_brings_it_back(made):
    document, layer_id, _ = made
    first = seen(document)
    layer = document.paint_layer(layer_id)
    paint(document, layer.surface, Rect(130, 100, 8, 8), document.format.maximum)
    paint(document, layer.mask, Rect(120, 95, 8, 8), 0)
    painted = seen(document)
    with document.history.transaction("As made") as edit:
        renew(edit, document, layer_id, flatten)
    assert (seen(document) == first).all()
    assert standing(document, document.paint_layer(layer_id)) == standing(document, layer)
    document.history.undo()
    assert (seen(document) == painted).all()


@pytest.mark.parametrize("how", ["move", "resize", "crop", "grow the canvas", "duplicate"])
def test_what_was_moved_scaled_or_cut_can_still_be_blended(made, how):
    document, layer_id, _ = made
    old = document.paint_layer(layer_id).recipe
    if how == "move":
        with document.history.transaction("Move") as edit:
            translate(edit, document, document.paint_layer(layer_id), 12, -7)
    elif how == "resize":
        size = document.width * 2, document.height * 2
        reshape.apply(document, reshape.resize_picture(document.structure, *size, reshape.Resampling.BICUBIC), "Resize")
    elif how == "crop":
        reshape.apply(document, reshape.crop(Rect(100, 80, 60, 60), keep_outside=False), "Crop")
    elif how == "grow the canvas":
        reshape.apply(document, reshape.resize_canvas(document.structure, 400, 300, (0.5, 0.5)), "Canvas")
    else:
        layer_id = duplicate_layer(document, layer_id, "Twin")
    layer = document.paint_layer(layer_id)
    assert standing(document, layer).pixels == ""
    assert standing(document, layer).mask == ""
    scale = 2 if how == "resize" else 1
    assert Blend.of(layer.recipe.blend) == Blend(3 * scale, 9 * scale, match=1.0, seam=1.0)
    assert layer.recipe.blend["reach"] == old.blend["reach"] * scale
    reblend(document, layer_id, OTHER, flatten=flatten)
    reblend(document, layer_id, Blend(), flatten=flatten)
    layer = document.paint_layer(layer_id)
    assert (document.surface(layer.mask).read(layer.recipe.box) == layer.recipe.selection).all()


def test_what_was_painted_stays_painted_through_a_resize(made):
    document, layer_id, _ = made
    paint(document, document.paint_layer(layer_id).surface, Rect(130, 100, 8, 8), document.format.maximum)
    size = document.width * 2, document.height * 2
    reshape.apply(document, reshape.resize_picture(document.structure, *size, reshape.Resampling.BICUBIC), "Resize")
    assert standing(document, document.paint_layer(layer_id)).pixels == "painted"


def test_a_turned_layer_says_so(made):
    document, layer_id, _ = made
    reshape.apply(document, reshape.rotate_quarters(document.structure, 1), "Turn")
    assert standing(document, document.paint_layer(layer_id)).mask == "turned"
    with pytest.raises(ValueError, match="not made from a selection"):
        reblend(document, layer_id, BLEND, flatten=flatten)
    assert not document.history.busy


def test_saved_and_opened_again_it_is_what_it_was(made, tmp_path):
    document, layer_id, _ = made
    reblend(document, layer_id, OTHER, flatten=flatten)
    save_document(document.snapshot(), tmp_path / "picture.ora")
    again = open_document(tmp_path / "picture.ora").document
    layer = next(layer for layer in again.layers if layer.recipe is not None)
    assert standing(again, layer) == standing(document, document.paint_layer(layer_id))
    reblend(again, layer.id, BLEND, flatten=flatten)
    reblend(document, layer_id, BLEND, flatten=flatten)
    assert (seen(again) == seen(document)).all()


def test_a_document_with_a_profile_is_matched_in_its_own_colours():
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    document, layer_id, ground = scene(BGRA8, icc)
    matched = distance(document, ground)
    reblend(document, layer_id, Blend(3, 9), flatten=flatten)
    assert matched < distance(document, ground) / 4


def test_on_nothing_colours_stay_as_they_are(made):
    document, layer_id, _ = made
    tree = update(document.layers, document.layers[0].id, visible=False)
    with document.history.transaction("Hide") as edit:
        edit.set_structure(document.structure.with_layers(tree))
    work = Reblend(document, layer_id, flatten)
    assert work.standing.pixels == "alone"
    layer = document.paint_layer(layer_id)
    pixels = document.surface(layer.surface).read(document.bounds)
    reblend(document, layer_id, Blend(1, 2, match=0.2), flatten=flatten)
    assert (document.surface(layer.surface).read(document.bounds) == pixels).all()
    assert standing(document, document.paint_layer(layer_id)).pixels == ""


def test_a_candidate_is_shown_in_the_colours_that_it_will_have(made):
    document, layer_id, _ = made
    recipe = document.paint_layer(layer_id).recipe
    document.history.undo()
    select(document, Rect(110, 90, 70, 60))
    seen_there = flatten(document.snapshot(), recipe.box)
    size = recipe.crop.shape[1], recipe.crop.shape[0]
    job = prepare("1", FILL, {"seed": 1}, document, Region(recipe.box, size), seen_there, plugin="p", blend=BLEND)
    shown = as_applied(document, job, recipe.crop, flatten)
    layer_id = apply(document, job, Candidate(recipe.crop, 1), within=lambda *given: settle(*given, flatten))
    stored = document.surface(document.paint_layer(layer_id).surface).read(recipe.box)
    applied = to_picture(stored, document.format, size)
    assert np.abs(shown.astype(int) - applied).mean() < 1.5
    assert np.abs(recipe.crop.astype(int) - applied).mean() > 4
    plain = prepare("1", FILL, {"seed": 1}, document, Region(recipe.box, size), seen_there, plugin="p")
    assert as_applied(document, plain, recipe.crop, flatten) is recipe.crop


def test_below_a_layer_is_what_is_painted_before_it(made):
    document, layer_id, _ = made
    add_layer(document, "Over")
    hidden = {layer.name: layer.visible for layer in below(document.layers, layer_id)}
    assert hidden == {"Ground": True, "Fill": False, "Over": False}
