"""A seal fits what it was made of, and goes along with a layer that is moved as a whole."""

from dataclasses import replace

import numpy as np

from scumble.document import BGRA8, Document, Recipe, Rect
from scumble.document.edits import add_layer, translate
from scumble.document.layers import Group, PaintLayer, SurfaceId, below, update
from scumble.document.seals import MASK, PIXELS, resealed, seal, sealed

BOX = Rect(20, 30, 40, 36)


def made():
    document = Document(120, 110)
    pixels = np.random.default_rng(1).integers(0, 256, (36, 40, 3), np.uint8)
    recipe = Recipe(tool="t", plugin="p", box=BOX)
    mask = np.full((36, 40), 255, np.uint8)
    layer_id = add_layer(
        document, "Made", pixels=BGRA8.from_straight(pixels), origin=(20, 30), mask=mask, recipe=recipe
    )
    layer = document.paint_layer(layer_id)
    with document.history.transaction("Seal") as edit:
        tree = update(document.layers, layer_id, recipe=sealed(document, layer, recipe))
        edit.set_structure(document.structure.with_layers(tree))
    return document, document.paint_layer(layer_id)


def test_a_seal_tells_values_shapes_and_depths_apart():
    pixels = np.arange(64, dtype=np.uint8).reshape(4, 4, 4)
    assert seal(pixels) == seal(pixels.copy())
    assert seal(pixels[:, ::-1]) == seal(np.ascontiguousarray(pixels[:, ::-1])) != seal(pixels)
    assert len({seal(pixels), seal(pixels.reshape(2, 8, 4)), seal(pixels.astype(np.uint16)), seal(pixels + 1)}) == 4


def test_pixels_and_mask_are_sealed_apart():
    document, layer = made()
    seals = layer.recipe.seals
    assert set(seals) == {PIXELS, MASK}
    with document.history.transaction("Paint") as edit:
        edit.put(layer.mask, Rect(25, 35, 1, 1), np.zeros((1, 1), np.uint8))
    after = sealed(document, layer, layer.recipe).seals
    assert after[PIXELS] == seals[PIXELS]
    assert after[MASK] != seals[MASK]


def test_a_move_keeps_the_seals_and_what_did_not_fit_fits_no_better_afterwards():
    document, layer = made()
    with document.history.transaction("Paint") as edit:
        edit.put(layer.mask, Rect(25, 35, 1, 1), np.zeros((1, 1), np.uint8))
    with document.history.transaction("Move") as edit:
        translate(edit, document, layer, 7, 9)
        moved = replace(layer.recipe, box=BOX.translated(7, 9))
        again = resealed(edit, document, layer, moved)
    assert again.seals == layer.recipe.seals
    now = sealed(document, layer, again).seals
    assert now[PIXELS] == again.seals[PIXELS]
    assert now[MASK] != again.seals[MASK]


def test_a_recipe_without_seals_gets_none():
    document, layer = made()
    bare = replace(layer, recipe=replace(layer.recipe, seals={}))
    with document.history.transaction("Nothing") as edit:
        assert resealed(edit, document, bare, bare.recipe).seals == {}


def test_below_a_layer_in_a_group_are_the_lower_ones_of_the_group_and_all_under_it():
    def paint(number):
        return PaintLayer(id=number, name=str(number), surface=SurfaceId(number))

    inner = Group(id=20, name="inner", children=(paint(3), paint(4), paint(5)))
    tree = (paint(1), Group(id=21, name="outer", children=(paint(2), inner, paint(6))), paint(7))
    found = below(tree, 4)
    outer = found[1]
    assert [layer.visible for layer in found] == [True, True, False]
    assert [layer.visible for layer in outer.children] == [True, True, False]
    assert [layer.visible for layer in outer.children[1].children] == [True, False, False]
    assert below(tree, 99) == tree
