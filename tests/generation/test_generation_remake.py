"""A result as the new content of a layer: one step, the mask and what is outside the box kept."""

from dataclasses import replace

import numpy as np
import pytest
from generation_pictures import FILL, candidate, document, fill

from scumble.api import Param, ScumbleError
from scumble.document import BGRA8, RGBA16, Rect
from scumble.document.arranging import group_layers
from scumble.document.edits import remove_layer, remove_mask, select, set_layer
from scumble.generation import Blend, apply, composite_mask, prepare, reblend, target_of
from scumble.generation.remake import (
    apply_in_place,
    can_vary,
    new_seeds,
    params_of,
    prepare_again,
    region_of,
    variation,
)
from scumble.paint import reshape
from scumble.render import flatten


def made_and_again(pixel_format=BGRA8, prompt="a blue boat"):
    made = document(pixel_format)
    first = fill(made, Rect(100, 90, 40, 30), Blend(3, 8))
    layer = made.paint_layer(apply(made, first, candidate(first.job.size)))
    recipe = layer.recipe
    second = prepare(
        "2",
        FILL,
        {"prompt": prompt, "seed": 12},
        made,
        region_of(recipe),
        made.surface(made.layers[0].surface).read(recipe.box),
        plugin="org.test",
        selection=recipe.selection,
        blend=Blend.of(recipe.blend),
        instead=layer.id,
    )
    return made, layer, second


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16], ids=lambda value: value.name)
def test_it_is_one_step_and_undo_is_exact(pixel_format) -> None:
    made, layer, again = made_and_again(pixel_format)
    before = made.surface(layer.surface).read(made.bounds)
    steps = made.history.position
    new = candidate(again.job.size, seed=12)
    assert apply_in_place(made, again, new, step="Again") == layer.id
    assert (made.history.position, made.history.names[-1]) == (steps + 1, "Again")
    after = made.paint_layer(layer.id)
    assert (after.recipe.crop == new.image).all()
    assert (after.name, after.surface, after.mask) == ("a blue boat", layer.surface, layer.mask)
    assert (made.surface(layer.surface).read(made.bounds) != before).any()
    made.history.undo()
    assert (made.surface(layer.surface).read(made.bounds) == before).all()
    assert made.paint_layer(layer.id).recipe is layer.recipe


def test_what_was_done_by_hand_meanwhile_is_kept() -> None:
    made, layer, again = made_and_again()
    set_layer(made, layer.id, "Rename", name="My boat")
    reblend(made, layer.id, Blend(20, 0))
    with made.history.transaction("Paint") as edit:
        edit.put(layer.mask, Rect(110, 95, 9, 9), np.full((9, 9), 77, np.uint8))
        edit.put(layer.surface, Rect(2, 2, 3, 3), np.full((3, 3, 4), 255, np.uint8))
    mask = made.surface(layer.mask).read(made.bounds)
    apply_in_place(made, again, candidate(again.job.size, seed=12))
    after = made.paint_layer(layer.id)
    assert after.name == "My boat"
    assert after.recipe.blend == {"grow": 20, "feather": 0, "reach": 11}
    assert (made.surface(layer.mask).read(made.bounds) == mask).all()
    assert (made.surface(layer.surface).read(Rect(2, 2, 3, 3)) == 255).all()


def test_a_mask_that_has_gone_comes_back_so_that_nothing_else_changes() -> None:
    made, layer, again = made_and_again()
    remove_mask(made, layer.id)
    apply_in_place(made, again, candidate(again.job.size, seed=12))
    after = made.paint_layer(layer.id)
    expected = composite_mask(again.selection, Blend(3, 8))
    assert (made.surface(after.mask).read(after.recipe.box) == expected).all()


def test_a_layer_that_has_gone_or_is_locked_is_no_target() -> None:
    made, layer, again = made_and_again()
    assert target_of(made, again).id == layer.id
    assert target_of(made, replace(again, anchor=replace(again.anchor, instead=None))) is None
    set_layer(made, layer.id, "Lock", locked=True)
    assert target_of(made, again) is None
    made.history.undo()
    remove_layer(made, layer.id)
    assert target_of(made, again) is None
    with pytest.raises(KeyError):
        apply_in_place(made, again, candidate(again.job.size))


def test_what_is_asked_for_again() -> None:
    _, layer, _ = made_and_again()
    more = FILL.params | {
        "batch": Param(type="integer", title="Pictures", default=1),
        "strength": Param(type="number", title="Strength", default=1.0),
    }
    tool = replace_params(more)
    old = replace(layer.recipe, params={"prompt": "x", "seed": 4, "batch": 6, "gone": True})
    assert params_of(tool, old) == ({"prompt": "x", "seed": 4, "batch": 1}, ("gone",))
    assert new_seeds(tool) == {"seed": -1}
    assert can_vary(tool)
    assert not can_vary(FILL)
    assert variation(tool, {"strength": 1.0})["strength"] == 0.6
    assert variation(tool, {"strength": 0.2}) == {"seed": -1, "strength": 0.2}


def replace_params(params):
    return type(FILL)(id="fill", title="Fill", result="masked-layer", inputs=FILL.inputs, params=params)


def test_a_layer_that_was_turned_is_not_made_again_from_whatever_is_selected():
    made = document()
    prepared = fill(made, Rect(100, 90, 40, 30), Blend(2, 4))
    layer_id = apply(made, prepared, candidate(prepared.job.size))
    reshape.apply(made, reshape.rotate_quarters(made.structure, 1), "Rotate")
    select(made, Rect(10, 10, 200, 200))
    layer = made.paint_layer(layer_id)
    with pytest.raises(ScumbleError) as error:
        prepare_again(
            "2",
            FILL,
            layer.recipe.params,
            made,
            layer_id,
            layer.recipe,
            None,
            plugin="org.test",
            plugin_version="1",
            model=None,
            pictures={},
        )
    assert error.value.code == "recipe-turned"


def test_a_layer_in_a_locked_group_is_not_written_to():
    made, layer, prepared = made_and_again()
    group = group_layers(made, (layer.id,), "Group")
    assert target_of(made, prepared) is not None
    set_layer(made, group, "Lock", locked=True)
    assert target_of(made, prepared) is None


def test_the_recipe_tells_how_far_the_model_painted_whatever_the_sliders_say():
    made = document()
    prepared = fill(made, Rect(100, 90, 40, 30), Blend(6, 12))
    layer = made.paint_layer(apply(made, prepared, candidate(prepared.job.size), blend=Blend(1, 1), flatten=flatten))
    assert (layer.recipe.blend["grow"], layer.recipe.blend["reach"]) == (1, 18)
