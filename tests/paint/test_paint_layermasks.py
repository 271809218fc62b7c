"""Masks carried between the selection and layers."""

from __future__ import annotations

import numpy as np
import pytest

from scumble.document import SELECTION, Document, Rect
from scumble.document.edits import add_layer, add_mask, select, set_layer
from scumble.paint.layermasks import invert_mask, replace_mask, select_tiles, set_layer_mask
from scumble.paint.shapes import rectangle


@pytest.fixture
def document():
    document = Document(600, 400)
    add_layer(document, "One", pixels=np.full((400, 600, 4), 255, np.uint8))
    document.history.clear()
    return document


def values(document, surface=SELECTION):
    return document.surface(surface).read(document.bounds)


def filled(rect, value=255, shape=(400, 600)):
    made = np.zeros(shape, np.uint8)
    made[rect.slices(Rect(0, 0, 600, 400))] = value
    return made


def test_a_layer_gets_a_mask_and_another_one_in_one_step_each(document):
    layer = document.layers[0].id
    wide = rectangle(Rect(500, 300, 400, 400))
    set_layer_mask(document, layer, wide, "Mask")
    mask = document.layer(layer).mask
    assert (values(document, mask) == filled(Rect(500, 300, 100, 100))).all()
    assert document.surface(mask).bounds() == Rect(500, 300, 100, 100)
    set_layer_mask(document, layer, rectangle(Rect(0, 0, 20, 20)), "Other")
    assert document.layer(layer).mask == mask
    assert (values(document, mask) == filled(Rect(0, 0, 20, 20))).all()
    assert document.history.names == ("Mask", "Other")
    document.history.undo()
    document.history.undo()
    assert document.layer(layer).mask is None


def test_the_mask_of_a_locked_layer_stays(document):
    layer = document.layers[0].id
    add_mask(document, layer)
    set_layer(document, layer, "Lock", locked=True)
    with pytest.raises(ValueError, match="lock"):
        set_layer_mask(document, layer, {}, "Mask")
    with pytest.raises(ValueError, match="lock"):
        invert_mask(document, document.layer(layer).mask, "Invert")


def test_a_mask_is_inverted_inside_the_canvas(document):
    invert_mask(document, SELECTION, "Invert")
    assert (values(document) == 255).all()
    assert document.selection.bounds() == document.bounds
    replace_mask(document, SELECTION, rectangle(Rect(10, 20, 30, 40)), "Put")
    invert_mask(document, SELECTION, "Invert")
    assert (values(document) == 255 - filled(Rect(10, 20, 30, 40))).all()


def test_tiles_are_combined_with_the_selection(document):
    select(document, Rect(0, 0, 100, 100))
    select_tiles(document, rectangle(Rect(50, 50, 1000, 50)), "intersect", "Load")
    assert (values(document) == filled(Rect(50, 50, 50, 50))).all()
    assert document.history.names[-1] == "Load"
