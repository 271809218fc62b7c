"""Kept pictures: the very same while nothing that shows has changed, and never one that is out of date."""

import numpy as np
import pytest

from scumble.document import BGRA8, RGBA16, Document, Rect
from scumble.document.edits import add_group, add_layer, set_layer
from scumble.generation.reblend import as_it_is
from scumble.render import Remembered, flatten

PART = Rect(20, 30, 300, 260)


@pytest.fixture(params=[BGRA8, RGBA16], ids=lambda value: value.name)
def document(request):
    made = Document(600, 500, request.param)
    rng = np.random.default_rng(3)
    for number in range(3):
        pixels = request.param.from_straight(rng.integers(0, 256, (500, 600, 4), np.uint8))
        add_layer(made, f"Layer {number}", pixels=pixels, opacity=1 - number / 4)
    return made


def paint(document, layer, rect):
    with document.history.transaction("Paint") as edit:
        edit.put(layer.surface, rect, np.full((rect.height, rect.width, 4), 200, document.format.dtype))


def test_a_picture_that_is_drawn_in_slices_is_the_same_and_is_kept(document):
    remembered = Remembered()
    slices = remembered.in_slices(document.snapshot(), PART)
    turns = 0
    while True:
        try:
            next(slices)
        except StopIteration as end:
            made = end.value
            break
        turns += 1
    assert turns == len(list(PART.tiles()))
    assert (made == flatten(document.snapshot(), PART)).all()
    assert remembered(document.snapshot(), PART) is made


def test_the_same_picture_is_given_again_whatever_else_changes(document):
    remembered = Remembered()
    first = remembered(document.snapshot(), PART)
    assert (first == flatten(document.snapshot(), PART)).all()
    assert not first.flags.writeable
    add_layer(document, "Empty")
    add_group(document, "Group")
    paint(document, document.layers[0], Rect(560, 470, 10, 10))
    assert remembered(document.snapshot(), PART) is first
    assert remembered(document.snapshot(), PART.expanded(1)) is not first


def test_whatever_shows_makes_another(document):
    remembered, layer = Remembered(), document.layers[1]
    first = remembered(document.snapshot(), PART)
    for change in (
        lambda: set_layer(document, layer.id, "Opacity", opacity=0.3),
        lambda: set_layer(document, layer.id, "Hide", visible=False),
        lambda: paint(document, document.layers[0], Rect(100, 100, 5, 5)),
        lambda: add_layer(document, "Over", pixels=np.full((50, 50, 4), 255, document.format.dtype)),
    ):
        change()
        snapshot = document.snapshot()
        made = remembered(snapshot, PART)
        assert (made == flatten(snapshot, PART)).all()
        assert (made != first).any()
        document.history.undo()
        assert remembered(document.snapshot(), PART) is first


def test_an_open_transaction_is_looked_at_each_time(document):
    remembered, layer = Remembered(), document.layers[2]
    with document.history.transaction("Paint") as edit:
        for value in (10, 200):
            edit.put(layer.surface, Rect(50, 50, 9, 9), np.full((9, 9, 4), value, document.format.dtype))
            made = remembered(as_it_is(document), PART)
            assert (made == flatten(as_it_is(document), PART)).all()


def test_no_more_is_kept_than_the_limit_and_none_once_forgotten(document):
    size = PART.area * 4 * document.format.dtype.itemsize
    remembered, snapshot = Remembered(limit=size), document.snapshot()
    first = remembered(snapshot, PART)
    assert remembered(snapshot, PART) is first
    remembered(snapshot, PART.translated(1, 0))
    assert remembered(snapshot, PART) is not first
    again = remembered(snapshot, PART)
    remembered.forget()
    assert remembered(snapshot, PART) is not again
