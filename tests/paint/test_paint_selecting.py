"""Changes of masks against sums that are plain and slow, and the laws that they must keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scumble.document import BGRA8, RGBA16, TILE, Rect
from scumble.document.edits import add_layer, new_document, select
from scumble.document.tiles import read_tiles
from scumble.paint import selecting
from scumble.paint.morphology import bordered, feathered, grown, reach, shrunk, smoothed
from scumble.paint.selecting import Change, changed, combined, from_values, inverted, opaque, put, slid, without_holes
from scumble.paint.shapes import rectangle

BOUNDS = Rect(0, 0, 2 * TILE + 70, TILE + 90)
SMALL = hnp.arrays(np.uint8, st.tuples(st.integers(3, 24), st.integers(3, 24)), elements=st.sampled_from([0, 0, 255]))
SOFT = hnp.arrays(np.uint8, st.tuples(st.integers(3, 18), st.integers(3, 18)), elements=st.integers(0, 255))


def plain_grown(values, radius):
    """At each pixel the largest value within the radius, by looking at every offset."""
    height, width = values.shape
    reach = int(radius)
    padded = np.pad(values, reach)
    result = np.zeros_like(values)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            if dx * dx + dy * dy <= radius * radius:
                part = padded[reach + dy : reach + dy + height, reach + dx : reach + dx + width]
                np.maximum(result, part, out=result)
    return result


def plain_blurred(values, sigma):
    """A Gaussian over the whole of an array that goes on as at its edge."""
    margin = int(4 * sigma) + 1
    offsets = np.arange(-margin, margin + 1)
    weights = np.exp(-(offsets**2) / (2 * sigma * sigma))
    weights /= weights.sum()
    padded = np.pad(values.astype(float), margin, mode="edge")
    rows = sum(
        weight * padded[:, margin + offset : margin + offset + values.shape[1]]
        for weight, offset in zip(weights, offsets, strict=True)
    )
    return sum(
        weight * rows[margin + offset : margin + offset + values.shape[0]]
        for weight, offset in zip(weights, offsets, strict=True)
    )


def read(tiles, rect):
    return read_tiles(tiles, rect, 1, np.dtype(np.uint8))


def blob(rect, seed=0, soft=False):
    """Some round spots, near the seams of tiles too."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[rect.y : rect.bottom, rect.x : rect.right]
    values = np.zeros((rect.height, rect.width), np.uint8)
    for _ in range(6):
        cx, cy = random.uniform(0, rect.width), random.uniform(0, rect.height)
        distance = np.hypot(x - cx, y - cy) - random.uniform(5, 60)
        shade = np.clip(0.5 - distance, 0, 1) if soft else distance < 0
        values = np.maximum(values, (shade * 255).astype(np.uint8))
    return values


@settings(max_examples=60, deadline=None)
@given(SMALL, st.sampled_from([1, 1.5, 2, 3, 4.3, 7, 12]))
def test_growing_is_the_euclidean_distance(values, radius):
    assert np.array_equal(grown(values, radius), plain_grown(values, radius))


@settings(max_examples=60, deadline=None)
@given(SOFT, st.sampled_from([1, 2, 2.9, 5, 11]))
def test_growing_keeps_partly_selected_pixels(values, radius):
    assert np.array_equal(grown(values, radius), plain_grown(values, radius))
    assert np.array_equal(shrunk(values, radius), 255 - plain_grown(255 - values, radius))


@settings(max_examples=40, deadline=None)
@given(SOFT, st.integers(1, 6))
def test_laws_of_growing_and_shrinking(values, radius):
    assert (grown(values, radius) >= values).all()
    assert (shrunk(values, radius) <= values).all()
    assert (shrunk(grown(values, radius), radius) >= values).all()
    assert (grown(shrunk(values, radius), radius) <= values).all()
    assert (grown(values, radius + 1) >= grown(values, radius)).all()
    frame = bordered(values, 2 * radius)
    assert np.array_equal(frame, np.minimum(grown(values, radius), 255 - shrunk(values, radius)))


@pytest.mark.parametrize("radius", [0.5, 1, 2, 4, 6, 10, 25, 60, 120])
def test_feathering_is_a_gaussian(radius):
    values = blob(Rect(0, 0, 180, 150), soft=True)
    margin = reach("feather", radius)
    result = feathered(np.pad(values, margin, mode="edge"), radius)[margin:-margin, margin:-margin]
    difference = np.abs(result.astype(float) - plain_blurred(values, radius / 2))
    assert difference.max() <= (2 if radius <= 6 else 8)
    assert difference.mean() < 2


def test_feathering_fades_over_its_radius():
    values = np.zeros((40, 200), np.uint8)
    values[:, 100:] = 255
    row = feathered(values, 20)[20].astype(int)
    assert row[100] + row[99] == pytest.approx(255, abs=2)
    assert row[100 - 21] < 255 * 0.04
    assert row[100 + 20] > 255 * 0.96
    assert (np.diff(row) >= 0).all()


def test_smoothing_rounds_corners_and_leaves_straight_edges():
    values = np.zeros((120, 120), np.uint8)
    values[30:90, 30:90] = 255
    values[10, 10] = 255
    result = smoothed(values, 8)
    assert result[10, 10] == 0
    assert result[30, 30] < 128
    assert result[60, 30] >= 200
    assert result[60, 29] <= 55
    assert result[60, 32] == 255
    assert result[60, 27] == 0


def test_borders_are_as_wide_as_they_are_said_to_be():
    values = np.zeros((60, 60), np.uint8)
    values[:, 30:] = 255
    for width in (1, 2, 3, 8, 9):
        assert (bordered(values, width)[30] == 255).sum() == width


@settings(max_examples=60, deadline=None)
@given(SMALL)
def test_holes_are_what_the_outside_cannot_reach(values):
    outside = np.zeros((values.shape[0] + 2, values.shape[1] + 2), bool)
    outside[0], outside[-1], outside[:, 0], outside[:, -1] = True, True, True, True
    free = np.pad(values, 1) == 0
    while True:
        wider = outside.copy()
        wider[1:] |= outside[:-1]
        wider[:-1] |= outside[1:]
        wider[:, 1:] |= outside[:, :-1]
        wider[:, :-1] |= outside[:, 1:]
        wider &= free
        if (wider == outside).all():
            break
        outside = wider
    place = Rect(TILE - 5, TILE - 7, values.shape[1], values.shape[0])
    tiles = without_holes(from_values(values, place), BOUNDS)
    assert np.array_equal(read(tiles, place), np.where(outside[1:-1, 1:-1], 0, 255))


def test_the_soft_rim_of_a_hole_goes_and_that_of_the_outside_stays():
    y, x = np.mgrid[0:100, 0:100]
    distance = np.hypot(x - 50, y - 50)
    ring = (np.clip(40.5 - distance, 0, 1) * np.clip(distance - 19.5, 0, 1) * 255).astype(np.uint8)
    disc = (np.clip(40.5 - distance, 0, 1) * 255).astype(np.uint8)
    place = Rect(200, 200, 100, 100)
    assert np.array_equal(read(without_holes(from_values(ring, place), BOUNDS), place), disc)


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("at_edges", [False, True])
@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        ("grow", 3),
        ("shrink", 5),
        ("feather", 5),
        ("feather", 30),
        ("feather", 70),
        ("smooth", 90),
        ("border", 7),
        ("smooth", 12),
    ],
)
def test_in_tiles_it_is_the_same_as_in_one_piece(kind, amount, at_edges, soft):
    values = blob(BOUNDS, seed=3, soft=soft)
    margin = reach(kind, amount)
    padded = np.pad(values, margin, mode="constant" if at_edges else "edge")
    whole = selecting.KINDS[kind](padded, amount)[margin:-margin, margin:-margin]
    tiles = changed(from_values(values, BOUNDS), BOUNDS, Change(kind, amount, at_edges))
    assert np.array_equal(read(tiles, BOUNDS), whole)
    assert not read(tiles, Rect(BOUNDS.right, 0, TILE, TILE)).any()


def test_at_the_edge_of_the_canvas():
    everything = from_values(np.full((BOUNDS.height, BOUNDS.width), 255, np.uint8), BOUNDS)
    kept = changed(everything, BOUNDS, Change("shrink", 10))
    assert np.array_equal(read(kept, BOUNDS), read(everything, BOUNDS))
    shrunken = changed(everything, BOUNDS, Change("shrink", 10, at_edges=True))
    assert read(shrunken, BOUNDS).sum() == 255 * BOUNDS.expanded(-10).area
    assert changed(everything, BOUNDS, Change("border", 10)) == {}


def test_an_unknown_change_is_an_error():
    with pytest.raises(ValueError, match="melt"):
        changed({}, BOUNDS, Change("melt", 1))
    with pytest.raises(ValueError, match="mix"):
        combined({}, {}, "mix")


def test_tiles_that_do_not_change_are_the_same_tiles():
    bounds = Rect(0, 0, 8 * TILE, 8 * TILE)
    tiles = from_values(np.full((6 * TILE, 6 * TILE), 255, np.uint8), Rect(TILE, TILE, 6 * TILE, 6 * TILE))
    result = changed(tiles, bounds, Change("grow", 4))
    assert result[(3, 3)] is tiles[(3, 3)]
    assert read(result, bounds)[TILE - 4, 3 * TILE] == 255
    assert read(result, bounds)[TILE - 5, 3 * TILE] == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 1000), st.booleans())
def test_laws_of_combining(first, second, soft):
    a, b = blob(BOUNDS, first, soft), blob(BOUNDS, second, soft)
    old, new = from_values(a, BOUNDS), from_values(b, BOUNDS)
    assert np.array_equal(read(combined(old, new, "replace"), BOUNDS), b)
    assert np.array_equal(read(combined(old, new, "add"), BOUNDS), np.maximum(a, b))
    assert np.array_equal(read(combined(old, new, "subtract"), BOUNDS), np.minimum(a, 255 - b))
    assert np.array_equal(read(combined(old, new, "intersect"), BOUNDS), np.minimum(a, b))
    if not soft:
        without = combined(old, new, "subtract")
        assert np.array_equal(read(combined(without, new, "add"), BOUNDS), np.maximum(a, b))


def test_twice_inverted_is_as_before_and_nothing_lies_outside():
    values = blob(BOUNDS, 5, soft=True)
    tiles = from_values(values, BOUNDS)
    once = inverted(tiles, BOUNDS)
    assert np.array_equal(read(once, BOUNDS), 255 - values)
    assert not read(once, Rect(BOUNDS.right, 0, TILE, 2 * TILE)).any()
    assert np.array_equal(read(inverted(once, BOUNDS), BOUNDS), values)


@settings(max_examples=20, deadline=None)
@given(st.integers(-300, 300), st.integers(-300, 300))
def test_moving_there_and_back(dx, dy):
    values = blob(BOUNDS, 9, soft=True)
    values[40:300, 20:290] = 255
    tiles = from_values(values, BOUNDS)
    moved = slid(tiles, dx, dy)
    assert np.array_equal(read(moved, BOUNDS.translated(dx, dy)), values)
    assert np.array_equal(read(slid(moved, -dx, -dy), BOUNDS), values)


def test_holes_in_tiles():
    values = np.zeros((BOUNDS.height, BOUNDS.width), np.uint8)
    values[100:320, 100:500] = 255
    values[120:300, 120:480] = 0
    result = without_holes(from_values(values, BOUNDS), BOUNDS)
    assert read(result, BOUNDS).sum() == 255 * 220 * 400
    assert without_holes({}, BOUNDS) == {}


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16])
def test_what_is_opaque(pixel_format):
    document = new_document(300, 280, pixel_format, background=None, name="Background")
    straight = np.zeros((20, 30, 4), np.uint8)
    straight[..., 3] = np.linspace(0, 255, 30).astype(np.uint8)
    pixels = pixel_format.from_straight(straight)
    layer = document.paint_layer(add_layer(document, "Dot", pixels=pixels, origin=(285, 100)))
    tiles = opaque(document, layer)
    found = read(tiles, document.bounds)
    assert np.array_equal(found[100:120, 285:300], straight[:, :15, 3])
    assert found.sum() == straight[:, :15, 3].sum()
    assert not read(tiles, Rect(300, 0, 100, 300)).any()


def test_a_change_is_one_step_that_keeps_only_what_differs():
    document = new_document(4 * TILE, 4 * TILE, BGRA8, background=None, name="Background")
    select(document, Rect(0, 0, 3 * TILE, 3 * TILE))
    before = dict(document.selection.tiles)
    steps = document.history.position
    put(document, changed(document.selection.tiles, document.bounds, Change("grow", 4)), "Grow")
    assert document.history.position == steps + 1
    assert document.selection.tiles[(0, 0)] is before[(0, 0)]
    assert document.selection_bounds == Rect(0, 0, 3 * TILE + 4, 3 * TILE + 4)
    document.history.undo()
    assert document.selection.tiles == before
    put(document, dict(before), "Nothing")
    assert document.history.position == steps


def test_whole_tiles_are_shared_where_all_is_selected():
    bounds = Rect(0, 0, 4 * TILE, 4 * TILE)
    everything = inverted({}, bounds)
    assert (read(everything, bounds) == 255).all()
    assert len({id(tile) for tile in everything.values()}) == 1
    moved = slid(rectangle(Rect(0, 0, 4 * TILE, 4 * TILE)), 30, 40)
    assert (read(moved, bounds.translated(30, 40)) == 255).all()
    assert len({id(tile) for tile in moved.values()}) < len(moved)
    kept = changed(everything, bounds, Change("shrink", 8))
    assert all(kept[index] is everything[index] for index in everything)
    assert changed(everything, bounds, Change("border", 8)) == {}


@pytest.mark.parametrize("change", [grown, shrunk, feathered, smoothed])
def test_nothing_to_do_is_a_copy(change):
    values = np.arange(60, dtype=np.uint8).reshape(6, 10)
    made = change(values, 0.0)
    assert (made == values).all()
    assert not np.shares_memory(made, values)


def test_growing_hard_edges_far_is_the_euclidean_distance_too():
    values = np.zeros((160, 170), np.uint8)
    values[80, 85] = 255
    y, x = np.mgrid[:160, :170]
    assert (grown(values, 60.0) == np.where((y - 80) ** 2 + (x - 85) ** 2 <= 3600, 255, 0)).all()


def test_what_lies_between_two_spots_far_apart_is_passed_over():
    bounds = Rect(0, 0, 12 * TILE, TILE)
    spots = {**rectangle(Rect(10, 10, 5, 5)), **rectangle(Rect(11 * TILE, 10, 5, 5))}
    made = changed(spots, bounds, Change("grow", 1))
    assert set(made) == {(0, 0), (10, 0), (11, 0)}
