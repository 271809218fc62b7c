from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scumble.document import BGRA8, FORMATS, SELECTION, TILE, Rect, edits
from scumble.paint import Region, similar, surface_source
from scumble.paint.likeness import Likeness

WALL, FLOOR = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


def document_of(straight, pixel_format=BGRA8):
    height, width = straight.shape[:2]
    document = edits.new_document(width, height, pixel_format, background=None, name="layer")
    with document.history.transaction("put") as edit:
        edit.put(document.layers[0].surface, document.bounds, pixel_format.from_straight(straight))
    return document


def region_of(document, seed, tolerance=0.1, **options) -> Region:
    source = surface_source(document, document.layers[0].surface)
    return similar(source, document.format, document.bounds, seed, tolerance, **options)


def found(document, seed, tolerance=0.1, **options):
    return region_of(document, seed, tolerance, **options).read(document.bounds)


def lines(width, height, *drawn, thickness=3):
    """White paper with black lines."""
    paper = np.full((height, width, 4), 255, np.uint8)
    for start, end in drawn:
        cv2.line(paper, start, end, (0, 0, 0, 255), thickness)
    return paper


def oracle(document, seed, tolerance, contiguous):
    """The definition, over the whole picture at once."""
    pixel_format = document.format
    stored = document.surface(document.layers[0].surface).read(document.bounds)
    straight = pixel_format.to_straight(stored, pixel_format.dtype).astype(np.int64)
    chosen = straight[seed[1], seed[0]]
    reach = round(tolerance * pixel_format.maximum)
    away = np.abs(straight - chosen)
    colours = (away[..., :3] <= reach).all(axis=-1) | (straight[..., 3] == 0) | (chosen[3] == 0)
    like = (colours & (away[..., 3] <= reach)).astype(np.uint8)
    if not contiguous:
        return like > 0
    _, labels = cv2.connectedComponents(like, connectivity=4)
    return labels == labels[seed[1], seed[0]]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(FORMATS)),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 5, 40]),
    st.floats(0, 1),
    st.booleans(),
)
def test_a_region_is_what_the_definition_says(name, chance, grain, tolerance, contiguous):
    rng = np.random.default_rng(chance)
    width, height = 2 * TILE + 30, TILE + 50
    coarse = rng.integers(0, 256, (height // grain + 1, width // grain + 1, 4), dtype=np.uint8)
    coarse[..., 3] = rng.choice([0, 1, 40, 255], coarse.shape[:2], p=[0.2, 0.1, 0.3, 0.4])
    straight = np.repeat(np.repeat(coarse, grain, 0), grain, 1)[:height, :width]
    document = document_of(straight, FORMATS[name])
    seed = (int(rng.integers(width)), int(rng.integers(height)))
    mask = found(document, seed, tolerance, contiguous=contiguous)
    assert np.array_equal(mask > 0, oracle(document, seed, tolerance, contiguous))
    assert set(np.unique(mask)) <= {0, 255}


def test_a_spiral_is_followed_to_its_end_over_tiles():
    paper = lines(600, 600)
    for step in range(1, 14):
        side = 20 * step
        cv2.rectangle(paper, (300 - side, 300 - side), (300 + side, 300 + side), (0, 0, 0, 255), 3)
        cv2.rectangle(paper, (300 - side + 6, 300 - side - 2), (300 - side + 10, 300 - side + 2), (255,) * 4, -1)
    document = document_of(paper)
    mask = found(document, (300, 300))
    assert mask[5, 5] == 255
    assert np.array_equal(mask > 0, paper[..., 0] > 200)


def test_nothing_is_read_that_the_region_does_not_reach():
    document = document_of(lines(2000, 400, ((300, 0), (300, 399))))
    source = surface_source(document, document.layers[0].surface)
    asked = []
    similar(lambda index: asked.append(index) or source(index), BGRA8, document.bounds, (10, 10), 0.1)
    assert set(asked) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    # The tile of the seed is read once more, for its colour.
    assert len(asked) == 5


def test_outside_the_canvas_there_is_nothing():
    document = document_of(lines(100, 100))
    assert region_of(document, (-1, 5)).bounds.empty
    assert region_of(document, (5, 100)).tiles == {}
    mask = region_of(document, (5, 5)).read(Rect(-50, -50, 300, 300))
    assert mask.sum() == 255 * 100 * 100


def test_bounds_of_a_large_region():
    paper = lines(900, 800)
    paper[:5] = (0, 0, 0, 255)
    assert region_of(document_of(paper), (450, 400)).bounds == Rect(0, 5, 900, 795)
    assert Region().bounds.empty


def test_an_empty_layer_is_one_region_and_its_paint_another():
    document = edits.new_document(600, 300, BGRA8, background=None, name="layer")
    with document.history.transaction("dot") as edit:
        dot = np.full((20, 20, 4), 255, np.uint8)
        edit.put(document.layers[0].surface, Rect(250, 100, 20, 20), dot)
    assert np.count_nonzero(found(document, (0, 0), 0.5)) == 600 * 300 - 400
    assert region_of(document, (255, 110)).bounds == Rect(250, 100, 20, 20)


def test_a_mask_is_filled_by_its_values():
    document = edits.new_document(600, 300, BGRA8, background=None, name="layer")
    edits.select(document, Rect(240, 20, 50, 50), 200)
    edits.select(document, Rect(260, 20, 10, 50), 180, mode="add")
    source = surface_source(document, SELECTION)
    assert similar(source, BGRA8, document.bounds, (250, 30), 0.0).bounds == Rect(240, 20, 50, 50)
    assert similar(source, BGRA8, document.bounds, (5, 5), 0.2).read(document.bounds)[30, 250] == 0
    assert similar(source, BGRA8, document.bounds, (5, 5), 0.9).read(document.bounds)[30, 250] == 255


@pytest.mark.parametrize("opening", range(1, 9))
@pytest.mark.parametrize("gap", [1, 3, 4, 8])
@pytest.mark.parametrize("edge", [150, TILE])
def test_gaps_up_to_their_width_are_closed(opening, gap, edge):
    paper = lines(500, 200)
    paper[:, edge : edge + 3] = (0, 0, 0, 255)
    paper[90 : 90 + opening, edge : edge + 3] = 255
    document = document_of(paper)
    assert found(document, (20, 20))[20, 490] == 255
    mask = found(document, (20, 20), gap=gap)
    if opening <= gap:
        assert not mask[:, edge + 3 + gap :].any()
        left = mask[:, : edge - gap]
        assert left.all()
    elif opening > gap + 1:
        assert mask[20, 490] == 255


def test_closing_gaps_fills_up_to_straight_walls_and_into_corners():
    paper = lines(400, 400)
    cv2.rectangle(paper, (100, 100), (300, 300), (0, 0, 0, 255), 3)
    paper[200:203, 98:103] = 255
    mask = found(document_of(paper), (200, 200), gap=6)
    assert mask[103:298, 106:298].all()
    assert not mask[:, :90].any()


@pytest.mark.parametrize("seed", [(103, 200), (200, 297), (103, 103)])
def test_a_click_beside_the_line_does_not_leak(seed):
    paper = lines(400, 400)
    cv2.rectangle(paper, (100, 100), (300, 300), (0, 0, 0, 255), 3)
    paper[200:206, 98:103] = 255
    mask = found(document_of(paper), seed, gap=10)
    assert mask[250, 250] == 255
    assert not mask[10, 10]


def test_what_is_narrower_than_the_gap_everywhere_is_filled_all_the_same():
    paper = lines(300, 300)
    cv2.rectangle(paper, (100, 100), (200, 104), (0, 0, 0, 255), 1)
    mask = found(document_of(paper), (150, 102), gap=20)
    assert np.count_nonzero(mask) == 99 * 3


def test_growing_widens_by_pixels_over_the_edge_of_a_tile():
    paper = lines(600, 300)
    paper[100:150, TILE - 30 : TILE - 1] = (0, 200, 0, 255)
    document = document_of(paper)
    plain = found(document, (TILE - 5, 120))
    grown = found(document, (TILE - 5, 120), grow=5)
    disc = cv2.distanceTransform(255 - plain, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= 5
    assert np.array_equal(grown > 0, disc)


def test_smooth_edges_add_a_partial_rim_of_one_pixel():
    paper = lines(300, 300, ((0, 0), (299, 150)))
    document = document_of(paper)
    plain = found(document, (10, 250))
    smooth = found(document, (10, 250), smooth=True)
    assert (smooth[plain > 0] == 255).all()
    rim = (smooth > 0) & (plain == 0)
    assert (smooth[rim] < 255).all()
    wider = cv2.dilate(plain, np.ones((3, 3), np.uint8))
    assert np.array_equal(smooth > 0, wider > 0)


def test_a_pixel_without_colour_is_like_by_its_alpha_alone():
    seed = np.array([0, 0, 0, 0], np.uint8)
    likeness = Likeness(seed, BGRA8, 0.1)
    tile = BGRA8.from_straight(np.array([[[255, 0, 0, 20], [255, 0, 0, 30], [0, 0, 0, 0]]], np.uint8))
    assert likeness.of(tile).tolist() == [[255, 0, 255]]
    assert likeness.of(None).all()
    opaque = Likeness(BGRA8.solid(1.0, 0.0, 0.0), BGRA8, 0.2)
    assert not opaque.of(None).any()
