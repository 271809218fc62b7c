"""A candidate becomes a layer in one step; nothing outside the affected area changes, and undo is exact."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from generation_pictures import INVENT, candidate, document, fill
from PySide6.QtGui import QColorSpace

from scumble.api import Candidate, Tool
from scumble.document import BGRA8, RGBA16, Document, Rect
from scumble.document.edits import add_group, add_layer, remove_layer, set_structure, translate
from scumble.generation import Blend, Region, apply, as_document, composite_mask, prepare, reblend
from scumble.generation.colours import Colours


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16], ids=lambda value: value.name)
def test_a_fill_is_one_step_with_layer_mask_and_recipe(pixel_format) -> None:
    made = document(pixel_format)
    prepared = fill(made, Rect(100, 90, 40, 30), Blend(3, 8))
    steps = made.history.position
    picture = candidate(prepared.job.size)
    layer_id = apply(made, prepared, picture, notes={"dtype": "float32"}, step="Fill")
    layer = made.paint_layer(layer_id)
    box = prepared.anchor.box
    assert made.history.position == steps + 1
    assert made.history.names[-1] == "Fill"
    assert layer.name == "a red boat"
    assert made.surface(layer.surface).bounds() == box
    expected = composite_mask(prepared.selection, Blend(3, 8))
    assert (made.surface(layer.mask).read(box) == expected).all()
    assert made.surface(layer.mask).bounds() == prepared.affected
    recipe = layer.recipe
    assert (recipe.tool, recipe.plugin, recipe.plugin_version) == ("fill", "org.test", "2.1")
    assert recipe.params == {"prompt": "a red boat", "seed": 11}
    assert (recipe.crop == picture.image).all()
    assert recipe.blend == {"grow": 3, "feather": 8}
    assert recipe.notes == {"dtype": "float32", "first-seed": "5"}


def test_only_the_first_seed_is_that_of_the_candidate() -> None:
    made = document()
    tool = msgspec.structs.replace(INVENT, params={**INVENT.params, "other": INVENT.params["seed"]})
    params = {"prompt": "", "seed": 1, "other": 9}
    prepared = prepare("1", tool, params, made, Region(Rect(0, 0, 64, 64), (64, 64)), None, plugin="p")
    layer = made.paint_layer(apply(made, prepared, candidate((64, 64)), notes={}, step="Invent"))
    assert layer.recipe.params == {"prompt": "", "seed": 11, "other": 9}


def test_a_whole_layer_has_no_mask_and_a_solid_colour_survives_the_scaling() -> None:
    made = document()
    region = Region(Rect(10, 20, 200, 100), (128, 64))
    prepared = prepare("1", INVENT, {"prompt": "", "seed": 1}, made, region, None, plugin="p")
    image = np.empty((64, 128, 3), np.uint8)
    image[:] = (10, 200, 90)
    layer = made.paint_layer(apply(made, prepared, Candidate(image, 1)))
    stored = made.surface(layer.surface).read(region.box)
    assert layer.mask is None
    assert layer.name == "Invent"
    assert (BGRA8.to_straight(stored) == [10, 200, 90, 255]).all()


def test_transparency_of_a_candidate_is_kept_legal() -> None:
    made = document()
    region = Region(Rect(0, 0, 200, 200), (64, 64))
    prepared = prepare("1", INVENT, {"prompt": "", "seed": 1}, made, region, None, plugin="p")
    layer = made.paint_layer(apply(made, prepared, candidate((64, 64), alpha=True)))
    stored = made.surface(layer.surface).read(region.box)
    assert (stored[..., :3] <= stored[..., 3:]).all()
    assert 0 < stored[..., 3].mean() < 255


def test_undo_and_redo_are_exact() -> None:
    made = document()
    prepared = fill(made, Rect(20, 20, 50, 50), Blend(2, 5))
    before = made.snapshot()
    layer_id = apply(made, prepared, candidate(prepared.job.size))
    after = made.surface(made.paint_layer(layer_id).surface).read(prepared.anchor.box)
    made.history.undo()
    assert made.structure == before.structure
    assert all(dict(made.surface(surface).tiles) == tiles for surface, tiles in before.planes.items())
    made.history.redo()
    assert (made.surface(made.paint_layer(layer_id).surface).read(prepared.anchor.box) == after).all()


def test_the_layer_goes_above_the_one_that_was_active() -> None:
    made = document()
    below = made.active.id
    prepared = fill(made, Rect(20, 20, 50, 50), Blend())
    add_layer(made, "Later")
    layer_id = apply(made, prepared, candidate(prepared.job.size))
    assert [layer.id for layer in made.layers].index(layer_id) == 1
    assert made.layers[0].id == below
    assert made.active.id == layer_id


def test_inside_a_group_it_stays_inside() -> None:
    made = document()
    group = add_group(made, "Group")
    prepared = fill(made, Rect(20, 20, 50, 50), Blend())
    assert prepared.anchor.above == group
    apply(made, prepared, candidate(prepared.job.size))
    assert [layer.name for layer in made.layers] == ["Ground", "Group", "a red boat"]


def test_a_layer_that_has_gone_means_on_top() -> None:
    made = document()
    doomed = add_layer(made, "Doomed")
    prepared = fill(made, Rect(20, 20, 50, 50), Blend())
    add_layer(made, "Later")
    remove_layer(made, doomed)
    made.activate(made.layers[0].id)
    layer_id = apply(made, prepared, candidate(prepared.job.size))
    assert made.layers[-1].id == layer_id


def test_a_canvas_that_was_cropped_meanwhile_takes_the_result() -> None:
    made = document()
    prepared = fill(made, Rect(250, 240, 30, 30), Blend())
    smaller = Document(60, 50)
    layer = smaller.paint_layer(apply(smaller, prepared, candidate(prepared.job.size)))
    assert not (smaller.surface(layer.surface).bounds() & smaller.bounds).empty
    assert layer.recipe.box == smaller.surface(layer.surface).bounds()


def test_reblend_changes_the_mask_alone_in_one_step() -> None:
    made = document()
    prepared = fill(made, Rect(100, 90, 40, 30), Blend(3, 8))
    layer_id = apply(made, prepared, candidate(prepared.job.size))
    before = made.snapshot()
    mask, surface = made.paint_layer(layer_id).mask, made.paint_layer(layer_id).surface
    reblend(made, layer_id, Blend(0, 0))
    box = prepared.anchor.box
    assert (made.surface(mask).read(box) == prepared.selection).all()
    assert made.paint_layer(layer_id).recipe.blend == {"grow": 0, "feather": 0, "reach": 11}
    assert dict(made.surface(surface).tiles) == before.planes[surface]
    made.history.undo()
    assert dict(made.surface(mask).tiles) == before.planes[mask]
    assert made.paint_layer(layer_id).recipe.blend == {"grow": 3, "feather": 8}


def test_a_layer_without_a_selection_cannot_be_reblended() -> None:
    made = document()
    with pytest.raises(ValueError, match="not made from a selection"):
        reblend(made, made.active.id, Blend())
    assert not made.history.busy


def test_a_picture_becomes_a_document_of_its_own() -> None:
    made = document()
    tool = Tool(id="up", title="Enlarge", result="picture")
    prepared = prepare("1", tool, {}, made, Region(made.bounds, (304, 280)), None, plugin="p")
    picture = candidate((600, 560))
    new = as_document(prepared, picture, BGRA8)
    assert (new.width, new.height) == (600, 560)
    assert new.history.position == 0
    layer = new.layers[0]
    assert (BGRA8.to_straight(new.surface(layer.surface).read(new.bounds))[..., :3] == picture.image).all()
    assert layer.recipe.tool == "up"


def test_long_prompts_make_short_names() -> None:
    made = document()
    prepared = fill(made, Rect(20, 20, 50, 50), Blend(), prompt="  a very\nlong " + "word " * 30)
    layer = made.paint_layer(apply(made, prepared, candidate(prepared.job.size)))
    assert len(layer.name) <= 40
    assert layer.name.startswith("a very long word")
    assert layer.name.endswith("…")


def test_a_layer_that_was_moved_is_reblended_where_it_is() -> None:
    made = document()
    prepared = fill(made, Rect(100, 90, 40, 30), Blend(3, 8))
    layer_id = apply(made, prepared, candidate(prepared.job.size))
    layer = made.paint_layer(layer_id)
    with made.history.transaction("Move") as edit:
        translate(edit, made, layer, 5, 5)
        translate(edit, made, made.paint_layer(layer_id), 30, -20)
    assert made.paint_layer(layer_id).recipe.box == prepared.anchor.box.translated(30, -20)
    reblend(made, layer_id, Blend())
    box = prepared.anchor.box.translated(30, -20)
    assert (made.surface(layer.mask).read(box) == prepared.selection).all()
    assert made.surface(layer.mask).bounds() == Rect(130, 70, 40, 30)
    made.history.undo()
    made.history.undo()
    assert made.paint_layer(layer_id).recipe.box == prepared.anchor.box


def test_colours_are_those_of_the_document_as_it_is_when_one_applies():
    """Its profile may be another by then, and a result may be put into another document."""
    made = document()
    prepared = fill(made, Rect(100, 90, 40, 30), Blend(0, 0))
    picture = Candidate(np.full((*prepared.job.size[::-1], 3), (250, 20, 30), np.uint8), 1)
    wide = bytes(QColorSpace(QColorSpace.NamedColorSpace.AdobeRgb).iccProfile().data())
    set_structure(made, replace(made.structure, icc=wide), "Profile")
    layer = made.paint_layer(apply(made, prepared, picture))
    red, green, blue, _ = made.format.to_straight(made.surface(layer.surface).read(Rect(110, 100, 1, 1)))[0, 0]
    assert (int(red), int(green)) != (250, 20)
    (back,) = Colours(wide).to_model(np.array([[[red, green, blue]]], np.uint8))[0]
    assert np.abs(back.astype(int) - (250, 20, 30)).max() <= 2
