"""Healing: what was hidden comes back where the picture repeats itself, and nothing else changes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from scumble.api import Cancelled, ScumbleError
from scumble_inpaint.heal import healed
from scumble_inpaint.runtime import scumble_run_tool
from scumble_inpaint.surroundings import surroundings

SIDE = 256


def bricks():
    image = Image.new("RGB", (SIDE, SIDE), "#b9aa96")
    pen, shades = ImageDraw.Draw(image), np.random.default_rng(1)
    for row, y in enumerate(range(0, SIDE, 16)):
        for x in range(-32, SIDE, 32):
            left = x + 16 * (row % 2)
            shade = tuple(int(value) for value in np.array([170, 80, 60]) + shades.integers(-8, 8))
            pen.rectangle((left + 1, y + 1, left + 30, y + 14), fill=shade)
    return np.asarray(image).copy()


def stripes():
    rows, columns = np.mgrid[:SIDE, :SIDE]
    light = ((rows + 2 * columns) % 24 < 9)[..., None]
    return np.where(light, [240, 210, 120], [30, 60, 110]).astype(np.uint8)


def shore():
    down = np.linspace(0, 1, SIDE)[:, None, None]
    sky = (1 - down) * np.array([90, 150, 220]) + down * np.array([230, 220, 200])
    picture = np.broadcast_to(sky, (SIDE, SIDE, 3)).astype(np.uint8).copy()
    picture[150:] = (70, 110, 60)
    return picture


PICTURES = {"bricks": bricks, "stripes": stripes, "shore": shore}


@pytest.fixture
def hole():
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(mask, (128, 140), 34, 255, -1)
    return mask


def error(made, truth, hole):
    return float(np.mean((made.astype(float) - truth)[hole > 0] ** 2))


def edges(picture, hole):
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(np.abs(cv2.Laplacian(grey, -1))[hole > 0].mean())


@pytest.mark.parametrize("name", PICTURES)
def test_it_is_far_nearer_the_truth_than_a_blur_and_than_opencv(name, hole):
    truth = PICTURES[name]()
    holed = np.where(hole[..., None] > 0, np.uint8(255), truth)
    made = healed(holed, hole, np.random.default_rng(0))
    peers = [surroundings(holed, hole), cv2.inpaint(holed, hole, 5, cv2.INPAINT_TELEA)]
    assert error(made, truth, hole) < 0.25 * min(error(peer, truth, hole) for peer in peers)
    assert abs(edges(made, hole) / edges(truth, hole) - 1) < 0.35
    assert np.array_equal(made[hole == 0], truth[hole == 0])


def test_a_seed_heals_alike_again():
    hole = np.zeros((SIDE, SIDE), np.uint8)
    hole[60:90, 60:120] = 255
    first, second = (healed(bricks(), hole, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("shape", [(8, 8), (40, 200), (7, 300), (65, 33)], ids=lambda shape: f"{shape[1]}x{shape[0]}")
@pytest.mark.parametrize("covered", ["all", "all but a corner", "an edge", "a pixel"])
def test_it_works_however_little_is_left(shape, covered):
    picture = np.random.default_rng(2).integers(0, 256, (*shape, 3), np.uint8)
    mask = np.full(shape, 255, np.uint8)
    if covered == "all but a corner":
        mask[-3:, -3:] = 0
    elif covered == "an edge":
        mask[:, 3:] = 0
    elif covered == "a pixel":
        mask[:] = 0
        mask[2, 2] = 1
    made = healed(picture, mask, np.random.default_rng(0))
    assert made.shape == picture.shape
    assert np.array_equal(made[mask == 0], picture[mask == 0])


def test_a_hole_of_more_patches_than_are_searched_for_goes_on_from_the_coarser_ones():
    truth = np.tile(stripes(), (2, 2, 1))
    hole = np.zeros(truth.shape[:2], np.uint8)
    hole[100:360, 100:360] = 255
    made = healed(np.where(hole[..., None] > 0, np.uint8(0), truth), hole, np.random.default_rng(0))
    assert error(made, truth, hole) < 0.5 * error(surroundings(truth, hole), truth, hole)


def test_the_middle_of_a_deep_hole_is_no_less_filled():
    truth = np.tile(stripes(), (3, 3, 1))
    hole = np.zeros(truth.shape[:2], np.uint8)
    hole[24:744, 24:744] = 255
    made = healed(np.where(hole[..., None] > 0, np.uint8(0), truth), hole, np.random.default_rng(0))
    assert made[374:394, 374:394].max() > 100


def test_the_tool_heals_and_tells_its_seed(make_context, make_job, hole):
    job = make_job("scumble_inpaint", {"image": bricks(), "mask": hole}, (SIDE, SIDE), tool="heal", seed=9)
    context = make_context()
    (candidate,) = scumble_run_tool("heal", job, context).candidates
    assert candidate.seed == 9
    assert error(candidate.image, bricks(), hole) < 400
    assert context.steps[-1][0] == context.steps[-1][1] > 1


def test_it_can_be_cancelled_and_needs_a_mask(make_context, make_job, hole):
    inputs = {"image": bricks(), "mask": hole}
    with pytest.raises(Cancelled):
        scumble_run_tool("heal", make_job("scumble_inpaint", inputs, tool="heal"), make_context(cancel_at=1))
    with pytest.raises(ScumbleError) as caught:
        scumble_run_tool("heal", make_job("scumble_inpaint", inputs | {"mask": 0 * hole}, tool="heal"), make_context())
    assert caught.value.code == "mask-empty"


def test_the_blur_goes_on_smoothly_and_leaves_what_is_known():
    picture = shore()
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[40:120, 60:200] = 255
    made = surroundings(picture, mask)
    assert np.array_equal(made[mask == 0], picture[mask == 0])
    assert np.abs(made.astype(int) - picture)[mask > 0].mean() < 8
    steps = np.abs(np.diff(made[38:122, 100].astype(int), axis=0))
    assert steps.max() <= 8
