"""Clipping groups by hand: what shows of layers that are clipped to the one below."""

import numpy as np
import pytest

from scumble.document import FORMATS, TILE, BlendMode, Document, Rect, edits
from scumble.render import Compositor, flatten, merge, oracle, passes

HALF = Rect(0, 0, 128, 256)


@pytest.fixture(params=sorted(FORMATS))
def document(request):
    """White paper, and above it a red base on the left half of the canvas, half as opaque in its lower part."""
    document = Document(256, 256, FORMATS[request.param])
    fill(document, "paper", (1, 1, 1), document.bounds)
    fill(document, "base", (1, 0, 0), HALF)
    base = document.surface(document.layers[1].surface)
    with document.history.transaction("fade") as edit:
        place = Rect(0, 128, 128, 128)
        edit.put(document.layers[1].surface, place, base.read(place) // 2)
    return document


def fill(document, name, colour, rect, **fields):
    pixels = np.empty((rect.height, rect.width, 4), document.format.dtype)
    pixels[:] = document.format.solid(*colour)
    return edits.add_layer(document, name, pixels=pixels, origin=(rect.x, rect.y), **fields)


def colour(document, x, y):
    """The straight colour of a pixel of the picture, 0…255; the same from the quick compositor and the plain one."""
    shown = [make(document.snapshot(), Rect(x, y, 1, 1)) for make in (flatten, oracle.flatten)]
    quick, plain = (document.format.to_straight(pixels)[0, 0].astype(int) for pixels in shown)
    assert np.abs(quick - plain).max() <= 1
    return quick


def near(found, expected):
    assert np.abs(np.asarray(found) - expected).max() <= 2, found


def test_a_clipped_layer_shows_inside_its_base_alone(document):
    fill(document, "blue", (0, 0, 1), document.bounds, clip=True)
    near(colour(document, 10, 10), (0, 0, 255, 255))
    near(colour(document, 200, 10), (255, 255, 255, 255))
    near(colour(document, 10, 200), (128, 128, 255, 255))


def test_the_base_keeps_its_alpha(document):
    fill(document, "blue", (0, 0, 1), document.bounds, clip=True, opacity=0.5)
    edits.set_layer(document, document.layers[0].id, "hide", visible=False)
    near(colour(document, 10, 200), (128, 0, 128, 127))
    near(colour(document, 200, 200), (0, 0, 0, 0))


def test_the_mode_of_a_clipped_layer_meets_the_base_and_not_what_lies_below(document):
    fill(document, "difference", (1, 1, 1), document.bounds, clip=True, mode=BlendMode.DIFFERENCE)
    near(colour(document, 10, 10), (0, 255, 255, 255))
    near(colour(document, 200, 10), (255, 255, 255, 255))


def test_the_run_meets_the_picture_in_the_mode_of_its_base(document):
    base = document.layers[1].id
    fill(document, "grey", (0.5, 0.5, 0.5), document.bounds, clip=True)
    edits.set_layer(document, base, "mode", mode=BlendMode.DIFFERENCE)
    near(colour(document, 10, 10), (127, 127, 127, 255))
    edits.set_layer(document, base, "opacity", opacity=0.5)
    near(colour(document, 10, 10), (191, 191, 191, 255))
    edits.select(document, Rect(20, 0, 20, 20))
    edits.add_mask(document, base)
    near(colour(document, 10, 10), (255, 255, 255, 255))
    near(colour(document, 25, 10), (191, 191, 191, 255))


def test_a_hidden_base_hides_the_run_and_a_hidden_clipped_layer_itself(document):
    blue = fill(document, "blue", (0, 0, 1), document.bounds, clip=True)
    edits.set_layer(document, blue, "hide", visible=False)
    near(colour(document, 10, 10), (255, 0, 0, 255))
    edits.set_layer(document, blue, "show", visible=True)
    edits.set_layer(document, document.layers[1].id, "hide", visible=False)
    near(colour(document, 10, 10), (255, 255, 255, 255))


def test_without_a_base_a_layer_is_not_clipped(document):
    edits.remove_layers(document, [layer.id for layer in document.layers])
    fill(document, "blue", (0, 0, 1), document.bounds, clip=True)
    near(colour(document, 200, 10), (0, 0, 255, 255))


def test_several_layers_are_clipped_to_one_base(document):
    fill(document, "blue", (0, 0, 1), Rect(0, 0, 256, 20), clip=True)
    fill(document, "green", (0, 1, 0), Rect(0, 10, 256, 20), clip=True)
    near(colour(document, 10, 5), (0, 0, 255, 255))
    near(colour(document, 10, 15), (0, 255, 0, 255))
    near(colour(document, 10, 35), (255, 0, 0, 255))
    near(colour(document, 200, 15), (255, 255, 255, 255))


@pytest.mark.parametrize("isolated", [True, False])
def test_a_group_is_a_base_and_may_be_clipped(document, isolated):
    base = document.layers[1].id
    fill(document, "green", (0, 1, 0), Rect(0, 0, 64, 256))
    top = document.layers[2].id
    group = edits.group_layers(document, [base, top], "G", isolated=isolated)
    near(colour(document, 10, 10), (0, 255, 0, 255))
    blue = fill(document, "blue", (0, 0, 1), document.bounds, clip=True, above=group)
    near(colour(document, 10, 10), (0, 0, 255, 255))
    near(colour(document, 100, 10), (0, 0, 255, 255))
    near(colour(document, 200, 10), (255, 255, 255, 255))
    edits.group_layers(document, [blue], "H", isolated=isolated)
    assert document.layers[2].clip
    near(colour(document, 100, 10), (0, 0, 255, 255))
    near(colour(document, 200, 10), (255, 255, 255, 255))


def test_merging_a_run_keeps_its_look(document):
    fill(document, "blue", (0, 0, 1), Rect(0, 0, 256, 200), clip=True, opacity=0.7)
    before = flatten(document.snapshot(), document.bounds)
    run = document.layers[1:]
    edits.merge_layers(document, [layer.id for layer in run], merge(document.snapshot(), run), "merge")
    after = flatten(document.snapshot(), document.bounds)
    assert np.abs(before.astype(int) - after.astype(int)).max() * 255 <= 2 * document.format.maximum


def test_a_part_of_a_run_is_drawn_as_the_whole(document):
    fill(document, "blue", (0, 0, 1), Rect(5, 7, 150, 200), clip=True, opacity=0.7)
    whole = flatten(document.snapshot(), document.bounds)
    for rect in (Rect(3, 5, 30, 190), Rect(100, 100, 60, 60)):
        assert np.array_equal(flatten(document.snapshot(), rect), whole[rect.slices(document.bounds)])


def test_nothing_is_drawn_below_an_opaque_tile(monkeypatch):
    drawn = []
    put = passes._Target.put
    monkeypatch.setattr(passes._Target, "put", lambda *given: drawn.append(given) or put(*given))
    document = Document(TILE * 2, TILE)
    for colours in ((1, 0, 0), (0, 1, 0), (0, 0, 1)):
        fill(document, "layer", colours, document.bounds)
    with document.history.transaction("hole") as edit:
        edit.write(document.layers[2].surface, (1, 0))[3, 3] = 0
    near(colour(document, 3, 3), (0, 0, 255, 255))
    assert drawn == []
    near(colour(document, TILE + 3, 3), (0, 255, 0, 255))
    near(colour(document, TILE + 4, 3), (0, 0, 255, 255))
    # The tile with a hole, over a copy of the opaque one below it; the lowest is never looked at.
    assert len(drawn) == 2
    edits.set_layer(document, document.layers[2].id, "faint", opacity=0.5)
    near(colour(document, 3, 3), (0, 127, 128, 255))
    assert len(drawn) == 3


def test_a_tile_that_is_being_written_hides_nothing():
    document = Document(TILE, TILE)
    fill(document, "red", (1, 0, 0), document.bounds)
    fill(document, "green", (0, 1, 0), document.bounds)
    compositor = Compositor(document)
    surface = document.layers[1].surface
    with document.history.transaction("rub") as edit:
        for column in (10, 20):
            edit.put(surface, Rect(column, 0, 10, 10), np.zeros((10, 10, 4), document.format.dtype))
            assert compositor.image((0, 0)).pixelColor(column, 0).getRgb() == (255, 0, 0, 255)
            assert compositor.image((0, 0)).pixelColor(99, 0).getRgb() == (0, 255, 0, 255)
    assert compositor.image((0, 0)).pixelColor(15, 0).getRgb() == (255, 0, 0, 255)
    compositor.close()


def test_a_run_on_an_opaque_base_is_the_run_on_nothing_of_its_own(document):
    """The quick way for opaque tiles shows the same as the way by straight colours."""
    edits.remove_layers(document, [document.layers[1].id])
    fill(document, "blue", (0, 0, 1), Rect(5, 5, 100, 90), clip=True, opacity=0.4, mode=BlendMode.MULTIPLY)
    near(colour(document, 50, 50), (153, 153, 255, 255))
    near(colour(document, 200, 200), (255, 255, 255, 255))


@pytest.mark.parametrize("masked", [False, True])
def test_a_group_that_passes_through_is_moved_towards_by_its_mask(document, masked):
    group = edits.group_layers(document, [document.layers[1].id], "G", isolated=False)
    edits.set_layer(document, group, "faint", opacity=0.5)
    if masked:
        edits.select(document, Rect(20, 0, 20, 20), 128)
        edits.add_mask(document, group)
    near(colour(document, 25, 5), (255, 191, 191, 255) if masked else (255, 128, 128, 255))
    near(colour(document, 50, 5), (255, 255, 255, 255) if masked else (255, 128, 128, 255))
