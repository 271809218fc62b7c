"""Rectangles shared out among contexts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scumble.generation.clusters import LARGE, MOST, contexts

SIDE = 512


def squares(*corners: tuple[int, int], side: int = 20) -> np.ndarray:
    """Small squares."""
    lower = np.array(corners, np.int64)
    return np.hstack([lower, lower + side])


def hull(boxes: np.ndarray) -> tuple[int, int]:
    width, height = boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)
    return int(width), int(height)


def test_each_by_itself_while_there_are_few() -> None:
    boxes = squares((0, 0), (2000, 0), (4000, 0))
    assert sorted(group.tolist() for group in contexts(boxes, SIDE)) == [[0], [1], [2]]


def test_neighbours_share_where_there_are_many() -> None:
    boxes = squares(*((1000 * x, 900 * y) for x in range(8) for y in range(8)))
    found = contexts(boxes, SIDE)
    assert len(found) == MOST
    assert {hull(boxes[group]) for group in found} == {(1020, 920)}


def test_what_was_begun_is_cut_only_where_that_pays() -> None:
    near = squares((0, 0), (300, 0))
    assert len(contexts(near, SIDE, [np.arange(2)])) == 1
    far = squares((0, 0), (3000, 0))
    assert len(contexts(far, SIDE, [np.arange(2)])) == 2
    dense = np.array([[x, 0, x + 90, 4000] for x in range(0, 4000, 100)], np.int64)
    assert len(contexts(dense, SIDE, [np.arange(len(dense))])) == 1


def test_a_row_is_cut_into_pieces_of_like_size() -> None:
    boxes = squares(*((200 * x, 0) for x in range(40)))
    found = contexts(boxes, SIDE, [np.arange(40)])
    assert 4 <= len(found) <= MOST
    assert max(hull(boxes[group])[0] for group in found) <= 1.5 * LARGE * SIDE


@given(
    st.lists(
        st.tuples(st.integers(0, 9000), st.integers(0, 9000), st.integers(1, 900), st.integers(1, 900)),
        min_size=1,
        max_size=60,
    ),
    st.booleans(),
)
def test_every_box_is_in_one_context_and_there_are_never_many(
    parts: list[tuple[int, int, int, int]], begun: bool
) -> None:
    boxes = np.array([(x, y, x + width, y + height) for x, y, width, height in parts], np.int64)
    found = contexts(boxes, SIDE, [np.arange(len(boxes))] if begun else ())
    assert 1 <= len(found) <= MOST
    assert sorted(int(place) for group in found for place in group) == list(range(len(boxes)))
