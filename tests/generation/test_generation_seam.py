"""The seam's figures: a step is found where there is one, and only there."""

import cv2
import numpy as np

from scumble.generation.seam import seam_of

SIDE = 140


def ground():
    yy, xx = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    grain = np.random.default_rng(1).normal(0, 0.01, (SIDE, SIDE, 1)).astype(np.float32)
    return np.clip(np.stack([0.3 + 0.3 * xx, 0.4 + 0.2 * yy, 0.5 - 0.2 * xx], -1) + grain, 0, 1)


def disc(radius=30):
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(mask, (SIDE // 2, SIDE // 2), radius, 255, -1)
    return mask


def test_what_did_not_change_has_no_seam():
    seam = seam_of(ground(), disc())
    assert seam.ratio < 1.2
    assert seam.step < 2


def test_a_step_is_measured_and_drawn_where_it_is():
    picture, mask = ground(), disc()
    picture[:, : SIDE // 2][mask[:, : SIDE // 2] > 0] += 0.1
    seam = seam_of(np.clip(picture, 0, 1), mask)
    assert seam.ratio > 2
    left, right = seam.heat[:, : SIDE // 2 - 8], seam.heat[:, SIDE // 2 + 8 :]
    assert left[left > 0].mean() > 3 * right[right > 0].mean()
    near = cv2.dilate(mask, np.ones((9, 9), np.uint8)) != cv2.erode(mask, np.ones((9, 9), np.uint8))
    assert not seam.heat[~near].any()


def test_a_fade_hides_a_step():
    shifted, mask = ground() + np.float32(0.08), disc()
    soft = cv2.GaussianBlur(mask, (0, 0), 9)
    steps = []
    for each in (mask, soft):
        part = each[..., None].astype(np.float32) / 255
        steps.append(seam_of(np.clip(ground() * (1 - part) + shifted * part, 0, 1), each).step)
    assert steps[1] < steps[0] / 2


def test_a_mask_without_an_edge_has_no_seam():
    for mask in (np.zeros((40, 40), np.uint8), np.full((40, 40), 255, np.uint8)):
        seam = seam_of(np.zeros((40, 40, 3), np.float32), mask)
        assert (seam.step, seam.around) == (0.0, 0.0)
        assert not seam.heat.any()
