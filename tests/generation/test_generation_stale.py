"""What lay below a layer: what counts and what does not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.document import BGRA8, RGBA16, Document, Recipe, Rect
from scumble.document.edits import add_group, add_layer, set_layer
from scumble.generation.stale import AROUND, BELOW, Digest, beneath, digest, is_generated, look, look_again, parts
from scumble.render import oracle

BOX = Rect(200, 190, 120, 100)


def picture(pixel_format=BGRA8) -> Document:
    made = Document(400, 350, pixel_format)
    add_layer(made, "Ground", pixels=solid(made, 0.2, 0.4, 0.6))
    return made


def solid(document, *colour, rect=None):
    area = rect or document.bounds
    pixels = np.empty((area.height, area.width, 4), document.format.dtype)
    pixels[:] = document.format.solid(*colour)
    return pixels


def dot(document, x, y, name="Dot", **fields):
    return add_layer(document, name, pixels=solid(document, 1, 0, 0, rect=Rect(0, 0, 4, 4)), origin=(x, y), **fields)


def seen(document, above):
    return look(oracle.flatten, document.snapshot(), BOX, above)[1]


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16], ids=lambda value: value.name)
def test_a_change_in_the_box_below_counts_and_one_elsewhere_does_not(pixel_format) -> None:
    made = picture(pixel_format)
    ground = made.layers[0].id
    before = seen(made, ground)
    assert before.startswith(BELOW)
    dot(made, 10, 10, above=ground)
    assert seen(made, made.active.id) == before
    dot(made, 250, 250, above=ground)
    assert seen(made, made.active.id) != before
    made.history.undo()
    assert seen(made, made.layers[-1].id) == before


def test_what_lies_above_does_not_count_unless_the_tool_saw_it() -> None:
    made = picture()
    ground = made.layers[0].id
    before = seen(made, ground)
    layer = add_layer(made, "Made", recipe=Recipe(tool="t", plugin="p", box=BOX, below=before))
    dot(made, 250, 250)
    assert look_again(oracle.flatten, made.snapshot(), made.paint_layer(layer), made.paint_layer(layer).recipe)[1] == (
        before
    )
    around = seen(made, ground)
    assert around.startswith(AROUND)
    later = add_layer(made, "Made", above=ground, recipe=Recipe(tool="t", plugin="p", box=BOX, below=around))
    recipe = made.paint_layer(later).recipe
    assert look_again(oracle.flatten, made.snapshot(), made.paint_layer(later), recipe)[1] == around
    set_layer(made, made.layers[-1].id, "Hide", visible=False)
    assert look_again(oracle.flatten, made.snapshot(), made.paint_layer(later), recipe)[1] != around


def test_a_drawing_above_that_does_not_reach_into_the_box_is_as_none() -> None:
    made = picture()
    ground = made.layers[0].id
    dot(made, 10, 10)
    assert seen(made, ground).startswith(BELOW)


def test_layers_of_groups_count_up_to_the_layer() -> None:
    made = picture()
    add_group(made, "Group")
    inner = dot(made, 240, 240, "Inner")
    before = beneath(made.snapshot(), inner, inclusive=False)
    assert (oracle.flatten(before, BOX) == solid(made, 0.2, 0.4, 0.6, rect=BOX)).all()
    upper = dot(made, 260, 260, "Upper")
    snapshot = made.snapshot()
    assert beneath(snapshot, upper, inclusive=True) is snapshot
    assert (oracle.flatten(beneath(snapshot, upper, inclusive=False), BOX)[52:54, 42:44, 2] == 255).all()
    with pytest.raises(KeyError):
        beneath(snapshot, 999, inclusive=True)
    assert not any(is_generated(layer) for layer in made.layers)


@given(
    st.tuples(st.integers(-300, 300), st.integers(-300, 300), st.integers(1, 600), st.integers(1, 600)),
    st.integers(0, 2**32 - 1),
)
def test_the_digest_tile_by_tile_is_that_of_the_whole(box, seed) -> None:
    rect = Rect(*box)
    pixels = np.random.default_rng(seed).integers(0, 9, (rect.height, rect.width, 4)).astype(np.uint8)
    pieces = Digest()
    for _, part in parts(rect):
        pieces.add(pixels[part.slices(rect)])
    assert pieces.text() == digest(pixels, rect)
