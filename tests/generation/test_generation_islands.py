"""The islands of a selection."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scumble.document import SELECTION, Rect
from scumble.document.document import Document
from scumble.document.edits import select
from scumble.generation import Island, islands


def found(document: Document, gap: int = 128) -> tuple[Island, ...]:
    return islands(document.selection.tiles, document.bounds, gap)


def selected(width: int, height: int, *parts: Rect) -> Document:
    document = Document(width, height)
    for part in parts:
        select(document, part, mode="add")
    return document


def test_nothing_and_one_pixel_and_everything() -> None:
    assert found(selected(64, 64)) == ()
    (one,) = found(selected(640, 480, Rect(333, 7, 1, 1)))
    assert one.bounds == Rect(333, 7, 1, 1)
    (all_of_it,) = found(selected(640, 480, Rect(0, 0, 640, 480)))
    assert all_of_it.bounds == Rect(0, 0, 640, 480)


def test_far_islands_are_apart_and_each_selects_its_own() -> None:
    parts = Rect(10, 20, 50, 30), Rect(700, 500, 41, 23)
    document = selected(1024, 768, *parts)
    first, second = found(document)
    assert (first.bounds, second.bounds) == parts
    everything = document.selection.read(document.bounds)
    masks = [island.selected(document.selection.tiles, document.bounds) for island in (first, second)]
    assert np.array_equal(masks[0] + masks[1], everything)
    assert not (masks[0] & masks[1]).any()
    assert masks[0][20:50, 10:60].all()
    assert not masks[0][400:].any()


def test_near_islands_share_a_context() -> None:
    document = selected(1024, 768, Rect(10, 20, 50, 30), Rect(140, 20, 50, 30))
    (both,) = found(document)
    assert both.bounds == Rect(10, 20, 180, 30)
    assert len(found(document, gap=24)) == 2


def test_a_hole_makes_no_island() -> None:
    document = selected(900, 900, Rect(0, 0, 900, 900))
    select(document, Rect(200, 200, 500, 500), mode="subtract")
    assert [island.bounds for island in found(document)] == [Rect(0, 0, 900, 900)]


def test_a_speckled_selection_is_few_jobs() -> None:
    document = Document(2048, 2048)
    speckles = np.zeros((2048, 2048), np.uint8)
    speckles[8::256, 8::256] = 255
    select(document, document.bounds, speckles)
    parts = found(document)
    assert 1 <= len(parts) <= 16
    covered = sum(island.selected(document.selection.tiles, document.bounds) for island in parts)
    assert np.array_equal(covered, speckles)


def scattered(side: int, count: int, spread: tuple[tuple[int, int], ...] = (), size: int = 20) -> Document:
    """Specks all over a picture, or round some places."""
    chance = np.random.default_rng(5)
    places = chance.integers(0, side - size, (count, 2))
    if spread:
        places = chance.normal(np.repeat(spread, count // len(spread), axis=0), 120).clip(0, side - size).astype(int)
    document, specks = Document(side, side), np.zeros((side, side), np.uint8)
    for x, y in places:
        specks[y : y + size, x : x + size] = 255
    select(document, document.bounds, specks)
    return document


def together(document: Document, parts: tuple[Island, ...]) -> None:
    """Every speck belongs to one part."""
    masks = [island.selected(document.selection.tiles, document.bounds) for island in parts]
    assert np.array_equal(np.sum(masks, axis=0, dtype=np.int32), document.selection.read(document.bounds))


def test_specks_round_a_few_places_are_so_many_contexts() -> None:
    document = scattered(4096, 100, ((800, 800), (3000, 700), (900, 3200), (3200, 3000)))
    parts = found(document, 512)
    assert len(parts) == 4
    assert max(max(part.bounds.width, part.bounds.height) for part in parts) < 1024
    together(document, parts)


@pytest.mark.parametrize(("side", "count"), [(2048, 100), (4096, 1000)])
def test_no_context_of_specks_is_far_larger_than_a_model_sees(side: int, count: int) -> None:
    """Even where they are so near each other that every one has a neighbour within the gap."""
    document = scattered(side, count)
    parts = found(document, 512)
    assert 4 <= len(parts) <= 16
    assert max(part.bounds.area for part in parts) <= 1.5 * side * side / 16 + 512 * 512
    together(document, parts)


def test_more_far_islands_than_contexts_share_them_with_their_neighbours() -> None:
    corners = [Rect(x, y, 30, 30) for x in range(40, 4096, 1000) for y in range(40, 6144, 1000)]
    document = selected(4096, 6144, *corners)
    parts = found(document)
    assert len(parts) == 16
    assert max(part.bounds.area for part in parts) <= 1100 * 1100
    together(document, parts)


def test_what_hangs_together_is_one_however_large() -> None:
    document = selected(4096, 4096, *(Rect(x, 100, 60, 3800) for x in range(100, 4000, 100)))
    assert len(found(document)) == 1
    long = selected(4096, 4096, Rect(100, 100, 3900, 40))
    assert len(found(long)) == 1


def test_selected_pixels_outside_the_canvas_do_not_count() -> None:
    document = Document(300, 300)
    with document.history.transaction("Outside") as edit:
        edit.put(SELECTION, Rect(290, 290, 40, 40), np.full((40, 40), 255, np.uint8))
        edit.put(SELECTION, Rect(600, 600, 10, 10), np.full((10, 10), 255, np.uint8))
    (one,) = found(document)
    assert one.bounds == Rect(290, 290, 10, 10)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 690), st.integers(0, 690), st.integers(1, 120), st.integers(1, 120)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([32, 64, 200]),
)
def test_every_selected_pixel_belongs_to_one_island(parts: list[tuple[int, int, int, int]], gap: int) -> None:
    document = selected(700, 700, *(Rect(*part) for part in parts))
    everything = document.selection.read(document.bounds)
    masks = [island.selected(document.selection.tiles, document.bounds) for island in found(document, gap)]
    assert np.array_equal(np.sum(masks, axis=0, dtype=np.int32), everything)
    for island, mask in zip(found(document, gap), masks, strict=True):
        rows, columns = np.nonzero(mask)
        assert island.bounds == Rect.from_edges(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


@pytest.mark.parametrize("side", [4096, 16384])
def test_a_huge_canvas_costs_no_more_than_what_is_selected(side: int) -> None:
    document = Document(side, side)
    select(document, Rect(side - 900, side - 700, 60, 60))
    (one,) = found(document)
    assert one.cells.size <= 4 * 16 * 16
    assert one.bounds == Rect(side - 900, side - 700, 60, 60)
