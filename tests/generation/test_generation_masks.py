"""The invariants of the masks: opaque inside the selection, fading outward only, empty beyond the reach."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scumble.document import Rect
from scumble.generation import Blend, composite_mask, denoise_mask, outline
from scumble.generation.masks import bounds_of, scaled


@st.composite
def masks(draw: st.DrawFn) -> np.ndarray:
    """Rectangles and brush dabs, hard or soft, at any value."""
    height, width = draw(st.integers(1, 70)), draw(st.integers(1, 70))
    mask = np.zeros((height, width), np.uint8)
    for _ in range(draw(st.integers(0, 3))):
        x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        value = draw(st.sampled_from([255, 255, 128, 1, 254]))
        dab = np.zeros_like(mask)
        if draw(st.booleans()):
            cv2.circle(dab, (x, y), draw(st.integers(0, 20)), value, -1)
        else:
            dab[y : y + draw(st.integers(1, 30)), x : x + draw(st.integers(1, 30))] = value
        if draw(st.booleans()):
            dab = cv2.GaussianBlur(dab, (7, 7), 0)
        mask = np.maximum(mask, dab)
    return mask


blends = st.builds(Blend, st.integers(0, 24), st.integers(0, 24))


def distance_outside(mask: np.ndarray) -> np.ndarray:
    if not (mask > 0).any():
        return np.full(mask.shape, np.inf)
    return cv2.distanceTransform((mask == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


@given(masks())
def test_without_grow_and_feather_the_mask_is_exactly_the_selection(selection: np.ndarray) -> None:
    assert (composite_mask(selection, Blend()) == selection).all()
    assert (denoise_mask(selection, Blend()) == selection).all()


@settings(max_examples=150)
@given(masks(), blends)
def test_both_masks_hold_the_selection_and_end_at_the_reach(selection: np.ndarray, blend: Blend) -> None:
    before = selection.copy()
    composite, denoise = composite_mask(selection, blend), denoise_mask(selection, blend)
    assert (selection == before).all()
    for mask in (composite, denoise):
        assert mask.dtype == np.uint8
        assert (mask >= selection).all()
        assert not mask[distance_outside(selection) > blend.grow + blend.feather + 1].any()
    assert (denoise >= composite).all()
    if not selection.any():
        assert not composite.any()


@given(masks(), st.integers(0, 20), st.integers(0, 20))
def test_more_grow_or_feather_never_uncovers(selection: np.ndarray, grow: int, feather: int) -> None:
    small = composite_mask(selection, Blend(grow, feather))
    assert (composite_mask(selection, Blend(grow + 3, feather)) >= small).all()
    assert (composite_mask(selection, Blend(grow, feather + 3)) >= small).all()


def test_the_fade_falls_outward_from_an_opaque_selection() -> None:
    selection = np.zeros((1, 60), np.uint8)
    selection[0, :20] = 255
    row = composite_mask(selection, Blend(5, 20))[0].astype(int)
    assert (row[:25] == 255).all()
    assert (np.diff(row[24:46]) < 0).all()
    assert not row[45:].any()


def test_a_column_of_four_pixels_is_a_mask_like_any_other() -> None:
    selection = np.array([[255], [0], [0], [0]], np.uint8)
    assert composite_mask(selection, Blend(1, 1))[:, 0].tolist() == [255, 255, 127, 0]


def test_a_hard_selection_grows_by_a_disc() -> None:
    selection = np.zeros((61, 61), np.uint8)
    selection[30, 30] = 255
    yy, xx = np.mgrid[-30:31, -30:31]
    assert ((composite_mask(selection, Blend(13)) == 255) == (yy**2 + xx**2 <= 169)).all()


def test_a_soft_selection_grows_by_nearly_a_disc_and_keeps_its_values() -> None:
    selection = np.zeros((81, 81), np.uint8)
    selection[40, 40], selection[40, 41] = 200, 90
    grow = composite_mask(selection, Blend(20))
    assert set(np.unique(grow)) == {0, 90, 200}
    yy, xx = np.mgrid[-40:41, -40:41]
    distance = np.hypot(yy, xx)
    assert (grow[distance <= 17] == 200).all()
    assert not grow[distance > 21.1].any()


@pytest.mark.parametrize("size", [(20, 30), (100, 160), (50, 80)])
def test_scaled_keeps_full_and_empty(size: tuple[int, int]) -> None:
    mask = np.zeros((80, 50), np.uint8)
    mask[20:60] = 255
    out = scaled(mask, size)
    assert out.shape == (size[1], size[0])
    assert out[size[1] // 2].min() == 255
    assert not out[0].any()
    assert not out[-1].any()


def test_bounds_are_in_document_pixels() -> None:
    mask = np.zeros((20, 20), np.uint8)
    mask[3:9, 5:7] = 1
    assert bounds_of(mask, Rect(100, 200, 20, 20)) == Rect(105, 203, 2, 6)


def test_the_outline_runs_along_the_edges_of_pixels() -> None:
    mask = np.zeros((10, 10), np.uint8)
    mask[2:5, 3:8] = 7
    mask[8, 8] = 255
    rings = sorted((sorted(map(tuple, ring.tolist())) for ring in outline(mask)), key=len)
    assert [(3.0, 2.0), (3.0, 5.0), (8.0, 2.0), (8.0, 5.0)] in rings
    assert [(8.0, 8.0), (8.0, 9.0), (9.0, 8.0), (9.0, 9.0)] in rings
    assert outline(np.zeros((4, 4), np.uint8)) == []


def test_a_hole_has_an_outline_of_its_own() -> None:
    mask = np.full((12, 12), 255, np.uint8)
    mask[4:8, 4:8] = 0
    assert len(outline(mask)) == 2


def test_blend_survives_a_recipe() -> None:
    assert Blend.of(Blend(3, 9).as_mapping()) == Blend(3, 9)
    assert Blend.of({}) == Blend()
    assert Blend(3, 9).reach == 12


def test_lengths_stay_within_the_distances_that_are_kept():
    """A recipe from elsewhere may say anything, and a canvas may be enlarged again and again."""
    soft = np.zeros((40, 40), np.uint8)
    soft[10:20, 10:20] = 255
    for selection in (soft, cv2.GaussianBlur(soft, (5, 5), 1)):
        for blend in (Blend.of({"grow": 1e300, "feather": 1e300}), Blend(256, 256).at(1000.0), Blend.of({"grow": -3})):
            mask = composite_mask(selection, blend)
            assert (mask[selection == 255] == 255).all()
    far = np.zeros((8, 1400), np.uint8)
    far[:, :8] = 255
    mask = composite_mask(far, Blend(1, 1).at(5000.0))
    assert mask[0, 7 + 511] == 255
    assert not mask[:, 7 + 511 + 511 + 1 :].any()
