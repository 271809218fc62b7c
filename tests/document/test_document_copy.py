"""A copy of a document: the same to begin with, in the same tiles, and from then on nothing to do with it."""

import numpy as np
import pytest

from scumble.document import FORMATS, Document, Rect, RegionPrompt, edits
from scumble.document.regions import add_region
from scumble.document.tiles import content_bounds
from scumble.render import oracle


@pytest.fixture(params=sorted(FORMATS))
def document(request):
    """A masked layer over a plain one, something selected and a region."""
    made = Document(300, 280, FORMATS[request.param])
    rng = np.random.default_rng(0)
    for name in ("below", "above"):
        straight = rng.integers(0, 256, (280, 300, 4), dtype=np.uint8)
        edits.add_layer(made, name, pixels=made.format.from_straight(straight))
    edits.select(made, Rect(40, 40, 100, 90))
    add_region(made, "sky", RegionPrompt("clouds"))
    edits.add_mask(made, made.active.id)
    return made


def seen(document):
    return oracle.flatten(document.snapshot(), document.bounds)


def test_it_is_the_same_in_the_same_tiles(document):
    copy = document.copy()
    assert (copy.key, copy.revision, copy.structure) == (document.key, document.revision, document.structure)
    assert copy.active == document.active
    assert copy.snapshot().planes == document.snapshot().planes
    assert copy.history.names == ()
    assert np.array_equal(seen(copy), seen(document))


def test_what_becomes_of_one_is_nothing_to_the_other(document):
    copy, before = document.copy(), seen(document)
    edits.add_layer(copy, "new", pixels=np.full((280, 300, 4), document.format.maximum, document.format.dtype))
    edits.deselect(copy)
    assert np.array_equal(seen(document), before)
    assert not document.selection_bounds.empty
    edits.remove_layer(document, document.active.id)
    assert len(copy.layers) == 3
    copy.history.undo()
    copy.history.undo()
    assert np.array_equal(seen(copy), before)


def test_an_open_edit_is_not_in_it(document):
    before = seen(document)
    with document.history.transaction("Half done") as edit:
        pixels = np.zeros((50, 50, 4), document.format.dtype)
        edit.put(document.layers[0].surface, Rect(0, 0, 50, 50), pixels)
        copy = document.copy()
        assert np.array_equal(seen(copy), before)
    assert np.array_equal(seen(copy), before)


def test_a_tile_knows_its_content_only_once_it_is_committed(document):
    with document.history.transaction("Grow") as edit:
        tile = edit.add_surface(type(document.selection).for_mask())
        edit.put(tile, Rect(10, 20, 5, 6), np.full((6, 5), 9, np.uint8))
        assert content_bounds(document.surface(tile).tiles) == Rect(10, 20, 5, 6)
        edit.put(tile, Rect(200, 30, 5, 6), np.full((6, 5), 9, np.uint8))
        assert content_bounds(document.surface(tile).tiles) == Rect(10, 20, 195, 16)
