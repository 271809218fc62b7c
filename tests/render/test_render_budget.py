import numpy as np
import pytest

from scumble.document import TILE, Document, Rect, edits
from scumble.render import Budget, Compositor


@pytest.fixture
def document():
    document = Document(1000, 900)
    straight = np.random.default_rng(5).integers(0, 256, (900, 1000, 4), dtype=np.uint8)
    edits.add_layer(document, "noise", pixels=document.format.from_straight(straight))
    return document


@pytest.fixture
def compositor(document):
    compositor = Compositor(document)
    yield compositor
    compositor.close()


def test_the_first_piece_is_always_granted():
    short = Budget(0.0)
    assert not short.spent
    assert short.grant()
    assert not short.grant()
    assert short.spent
    endless = Budget()
    assert all(endless.grant() for _ in range(9))
    assert not endless.spent


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_tile_is_finished_in_steps_as_it_would_be_at_once(document, compositor, level):
    steps = 1
    while (image := compositor.image_within(Budget(0.0), (0, 0), level)) is None:
        steps += 1
    assert steps == 4**level
    at_once = Compositor(document)
    assert image == at_once.image((0, 0), level)
    at_once.close()


def test_nothing_is_at_hand_at_first(compositor):
    assert compositor.at_hand((0, 0), 0) is None
    assert compositor.image_within(Budget(0.0), (0, 0), 1) is None
    assert compositor.at_hand((0, 0), 1) is None


def test_a_piece_of_a_coarser_tile_is_at_hand(compositor):
    compositor.image((0, 0), 2)
    compositor._entries.pop(((3, 1), 0))
    compositor._entries.pop(((1, 0), 1))
    image, part = compositor.at_hand((3, 1), 0)
    assert image == compositor.image((0, 0), 2)
    assert part == Rect(3 * TILE // 4, TILE // 4, TILE // 4, TILE // 4)


def test_a_changed_tile_is_at_hand_as_it_was(document, compositor):
    before = compositor.image((0, 0)).copy()
    edits.remove_layer(document, document.layers[0].id)
    image, part = compositor.at_hand((0, 0), 0)
    assert image == before
    assert part == Rect(0, 0, TILE, TILE)
    assert compositor.image((0, 0)) != before
