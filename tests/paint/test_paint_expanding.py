"""What is new when a canvas was expanded."""

import pytest

from scumble.document import Document, Rect
from scumble.document.edits import add_layer, select
from scumble.paint.expanding import OVERLAP, grows, kept_part
from scumble.paint.reshape import Reshape, apply, crop

OLD = Rect(0, 0, 400, 300)
STRIP = OVERLAP[0]


@pytest.mark.parametrize(
    ("canvas", "kept"),
    [
        (Rect(0, 0, 500, 300), Rect(0, 0, 400 - STRIP, 300)),
        (Rect(-50, 0, 450, 300), Rect(STRIP, 0, 400 - STRIP, 300)),
        (Rect(0, -20, 400, 320), Rect(0, STRIP, 400, 300 - STRIP)),
        (Rect(-9, -9, 418, 318), Rect(STRIP, STRIP, 400 - 2 * STRIP, 300 - 2 * STRIP)),
        (Rect(200, 100, 300, 100), Rect(200, 100, 200 - STRIP, 100)),
        (Rect(10, 10, 50, 50), Rect(10, 10, 50, 50)),
    ],
)
def test_the_old_picture_is_kept_but_for_a_strip_where_it_goes_on(canvas, kept):
    assert kept_part(OLD, canvas) == kept
    assert grows(OLD, canvas) == (not OLD.covers(canvas))


@pytest.mark.parametrize(("side", "strip"), [(8, 2), (100, 4), (1024, 16), (9000, 32)])
def test_the_strip_is_in_proportion_and_never_all(side, strip):
    assert kept_part(Rect(0, 0, side, side), Rect(0, 0, side + 10, side)).width == side - strip


def test_expanding_selects_what_is_new_in_the_same_step():
    document = Document(400, 300)
    add_layer(document, "Ground")
    select(document, Rect(10, 10, 20, 20))
    document.history.clear()
    made = crop(Rect(-100, 0, 500, 300), keep_outside=False)
    apply(document, Reshape(made.matrix, made.width, made.height, cut=True, select_new=True), "Crop")
    assert document.history.names == ("Crop",)
    assert document.selection_bounds == Rect(0, 0, 100 + STRIP, 300)
    document.history.undo()
    assert document.selection_bounds == Rect(10, 10, 20, 20)


def test_a_canvas_that_does_not_grow_selects_nothing_new():
    document = Document(400, 300)
    add_layer(document, "Ground")
    select(document, Rect(110, 110, 20, 20))
    made = crop(Rect(100, 100, 200, 100), keep_outside=False)
    apply(document, Reshape(made.matrix, made.width, made.height, select_new=True), "Crop")
    assert document.selection_bounds == Rect(10, 10, 20, 20)
