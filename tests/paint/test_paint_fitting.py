"""Masks of another size, put on the canvas."""

from __future__ import annotations

import numpy as np
import pytest

from scumble.document import Rect
from scumble.paint.fitting import Fit, fitted


@pytest.mark.parametrize(
    ("fit", "inside", "outside"),
    [
        (Fit.STRETCH, Rect(0, 0, 400, 300), None),
        (Fit.INSIDE, Rect(0, 50, 400, 200), (10, 10)),
        (Fit.CENTRE, Rect(160, 130, 80, 40), (10, 10)),
        (Fit.CORNER, Rect(0, 0, 80, 40), (200, 200)),
    ],
)
def test_how_a_mask_is_fitted(fit, inside, outside):
    made = fitted(np.full((40, 80), 255, np.uint8), 400, 300, fit)
    assert made.shape == (300, 400)
    assert made[inside.slices(Rect(0, 0, 400, 300))].min() == 255
    assert made.sum() == 255 * inside.area
    if outside:
        assert made[outside[1], outside[0]] == 0


@pytest.mark.parametrize("fit", list(Fit))
def test_a_larger_mask_is_cut_or_made_smaller(fit):
    values = np.zeros((600, 1000), np.uint8)
    values[250:350, 400:600] = 255
    made = fitted(values, 400, 300, fit)
    assert made.shape == (300, 400)
    if fit is Fit.CENTRE:
        assert made.sum() == 255 * 100 * 200
        assert made[150, 200] == 255


def test_one_of_the_right_size_is_what_it_was():
    values = np.zeros((30, 40), np.uint8)
    assert fitted(values, 40, 30, Fit.STRETCH) is values
