"""Pixels taken up and put down: what is taken and what stays add up, and recipes go along."""

import numpy as np
import pytest

from scumble.document import FORMATS, NOWHERE, SELECTION, TILE, Document, PaintLayer, Rect, Tile, edits, walk
from scumble.document.lift import faded, laid_over, lift, moved_along, put_down
from scumble.document.recipe import Recipe

BOX = Rect(20, 30, 40, 20)


@pytest.fixture(params=sorted(FORMATS))
def document(request):
    """A generated, masked layer in a group, and a plain one below."""
    document = Document(600, 300, FORMATS[request.param])
    rng = np.random.default_rng(0)
    for name in ("below", "made"):
        straight = rng.integers(0, 256, (300, 600, 4), dtype=np.uint8)
        edits.add_layer(document, name, pixels=document.format.from_straight(straight))
    selection = np.arange(800, dtype=np.uint8).reshape(20, 40)
    recipe = Recipe(tool="fill", plugin="x", box=BOX, selection=selection)
    made = document.layers[1].id
    edits.set_layer(document, made, "recipe", recipe=recipe)
    edits.add_mask(document, made)
    edits.group_layers(document, [made], "group")
    document.history.clear()
    return document


def made_layer(document) -> PaintLayer:
    return next(layer for layer in walk(document.layers) if layer.name == "made")


def test_whole_layers_are_taken_up_with_their_masks(document):
    lifted = lift(document, [document.layers[1]])
    layer = made_layer(document)
    assert set(lifted.planes) == {layer.surface, layer.mask}
    assert lifted.planes[layer.surface].tiles == document.surface(layer.surface).tiles
    assert not lifted.planes[layer.surface].rest
    assert not lifted.cut
    assert document.history.names == ()


def test_putting_down_whole_layers_takes_their_recipes_along(document):
    lifted = lift(document, document.layers)
    layer = made_layer(document)
    tile = Tile(np.full((TILE, TILE, 4), 3, document.format.dtype))
    with document.history.transaction("put down") as edit:
        put_down(edit, document, lifted, {layer.surface: {(5, 5): tile}}, lambda it: moved_along(it, Rect(0, 0, 8, 4)))
    assert set(document.surface(layer.surface).tiles) == {(5, 5)}
    recipe = made_layer(document).recipe
    assert recipe.box == Rect(0, 0, 8, 4)
    assert recipe.selection.shape == (4, 8)
    document.history.undo()
    assert made_layer(document).recipe.box == BOX


def test_without_recipes_the_tree_stays(document):
    plain = document.layers[0]
    tree = document.layers
    with document.history.transaction("put down") as edit:
        put_down(edit, document, lift(document, [plain]), {plain.surface: {}}, lambda it: it)
    assert document.layers is tree


def test_what_is_selected_is_cut_out_and_the_rest_stays(document):
    values = np.random.default_rng(1).integers(0, 256, (100, 300), dtype=np.uint8)
    edits.select(document, Rect(0, 0, 256, 256))
    edits.select(document, Rect(200, 150, 300, 100), values, mode="add")
    layer = made_layer(document)
    surface = document.surface(layer.surface)
    lifted = lift(document, [layer])
    plane = lifted.planes[layer.surface]
    assert lifted.cut
    assert set(lifted.planes) == {layer.surface, SELECTION}
    assert plane.tiles[0, 0] is surface.tiles[0, 0]
    assert (0, 0) not in plane.rest
    assert plane.rest[2, 1] is surface.tiles[2, 1]
    for index, tile in surface.tiles.items():
        taken, left = (pile[index].pixels.astype(int) if index in pile else 0 for pile in (plane.tiles, plane.rest))
        assert np.abs(taken + left - tile.pixels).max() <= 1
    recipe = layer.recipe
    with document.history.transaction("put down") as edit:
        put_down(edit, document, lifted, {layer.surface: plane.rest}, lambda it: pytest.fail("recipes stay"))
    assert made_layer(document).recipe is recipe


def test_a_recipe_of_the_same_size_keeps_its_selection(document):
    recipe = made_layer(document).recipe
    assert moved_along(recipe, Rect(5, 6, 40, 20)).selection is recipe.selection
    twice = moved_along(recipe, Rect(0, 0, 80, 40)).selection
    assert np.array_equal(twice, recipe.selection.repeat(2, axis=0).repeat(2, axis=1))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_pixels_lie_over_others_as_in_normal_mode(name):
    pixel_format = FORMATS[name]
    rng = np.random.default_rng(2)
    above, below = (pixel_format.from_straight(rng.integers(0, 256, (20, 20, 4), dtype=np.uint8)) for _ in range(2))
    alpha = above[..., 3:] / pixel_format.maximum
    assert np.abs(laid_over(above, below) - (above + below * (1 - alpha))).max() <= 0.51
    assert np.array_equal(laid_over(above, np.zeros_like(above)), above)
    assert np.array_equal(laid_over(np.zeros_like(above), below), below)
    assert not faded(above, np.zeros((20, 20), np.uint8)).any()
    assert np.array_equal(faded(above, np.full((20, 20), 255, np.uint8)), above)


def test_nothing_taken_up_has_no_bounds(document):
    empty = edits.add_layer(document, "empty")
    assert lift(document, [document.layer(empty)]).bounds == NOWHERE
