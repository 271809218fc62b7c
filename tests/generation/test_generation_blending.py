"""What a blend makes of a crop: the statistics of the ring, the membrane, and nothing where nothing can be compared."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scumble.document import BGRA8, RGBA16
from scumble.generation import Blend
from scumble.generation.blending import Blending
from scumble.generation.masks import Edge, fall
from scumble.generation.match import FEWEST, membrane, shift_between, to_lab

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import inpaint_figures as figures

SIDE = 160
FULL = Blend(2, 6, match=1.0, seam=1.0)


@pytest.fixture(params=[BGRA8, RGBA16], ids=lambda value: value.name)
def depth(request):
    return request.param


def scene(seed=1):
    noise = np.random.default_rng(seed).random((10, 10, 3)).astype(np.float32)
    return np.rint(cv2.resize(noise, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) * 200 + 20).astype(np.uint8)


def warmed(picture):
    return np.clip(picture * 0.8 + (30, 10, 0), 0, 255).astype(np.uint8)


def blob():
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(mask, (SIDE // 2, SIDE // 2), 36, 255, -1)
    return mask


def work_on(depth, picture, made, chosen, reach=8):
    return Blending(depth.from_straight(made), depth.from_straight(picture), chosen, depth, reach)


def straight(depth, stored):
    return depth.to_straight(stored)[..., :3].astype(int)


def test_without_match_and_seam_the_crop_stays_as_it_is(depth):
    work = work_on(depth, scene(), warmed(scene()), blob())
    assert (work.pixels(Blend(9, 30, 0.4)) == work.crop).all()
    assert work.depends(Blend(9, 30, 0.4)) == ()


def test_an_affine_drift_of_colours_is_taken_back(depth):
    picture = scene()
    work = work_on(depth, picture, warmed(picture), blob())
    before = np.abs(warmed(picture).astype(int) - picture).mean()
    matched = np.abs(straight(depth, work.pixels(Blend(match=1.0))) - picture).mean()
    half = np.abs(straight(depth, work.pixels(Blend(match=0.5))) - picture).mean()
    assert matched < before / 5
    assert matched < half < before


def test_only_unmasked_pixels_count(depth):
    picture, chosen = scene(), blob()
    made = warmed(picture)
    first = work_on(depth, picture, made, chosen).pixels(Blend(match=1.0)).copy()
    made[cv2.dilate(chosen, np.ones((9, 9), np.uint8)) > 0] = (255, 0, 255)
    second = work_on(depth, picture, made, chosen).pixels(Blend(match=1.0))
    outside = cv2.dilate(chosen, np.ones((15, 15), np.uint8)) == 0
    assert (first[outside] == second[outside]).all()


def test_the_membrane_closes_a_step_and_adds_no_bumps(depth):
    picture = np.full((SIDE, SIDE, 3), 100, np.uint8)
    picture[:, SIDE // 2 :] = 140
    made = np.full((SIDE, SIDE, 3), 120, np.uint8)
    seen = straight(depth, work_on(depth, picture, made, blob(), reach=0).pixels(Blend(seam=1.0)))
    middle = seen[SIDE // 2, 46:114, 1]
    assert np.abs(middle[0] - 100) <= 3
    assert np.abs(middle[-1] - 140) <= 3
    assert (np.diff(middle) >= -1).all()


def test_a_membrane_is_harmonic():
    yy, xx = np.mgrid[0:96, 0:96].astype(np.float32) / 96
    truth = np.stack([xx, xx**2 - yy**2, xx * yy], -1)
    known = np.ones((96, 96), bool)
    known[20:70, 15:80] = False
    found = membrane(truth, known)
    assert np.abs(found - truth).max() < 0.05
    assert (found[known] == truth[known]).all()
    assert not membrane(truth, np.zeros((96, 96), bool)).any()


@pytest.mark.parametrize("missing", ["no picture", "transparent", "everything selected"])
def test_where_nothing_can_be_compared_nothing_is_done(depth, missing):
    picture = scene()
    below = depth.from_straight(picture)
    chosen = np.full_like(blob(), 255) if missing == "everything selected" else blob()
    if missing == "transparent":
        below[:] = 0
    crop = depth.from_straight(warmed(picture))
    work = Blending(crop, None if missing == "no picture" else below, chosen, depth, 8)
    assert not work.comparable
    assert (work.pixels(FULL) == crop).all()


def test_a_crop_with_transparency_stays_legal_and_is_matched_where_it_is_opaque(depth):
    picture = scene()
    alpha = np.full((SIDE, SIDE, 1), 255, np.uint8)
    alpha[60:90, 60:90] = np.arange(30, dtype=np.uint8)[:, None, None] * 8
    crop = depth.from_straight(np.concatenate([warmed(picture), alpha], axis=2))
    work = Blending(crop, depth.from_straight(picture), blob(), depth, 8)
    out = work.pixels(FULL)
    assert (out <= out[..., depth.alpha, None]).all()
    assert (out[..., depth.alpha] == crop[..., depth.alpha]).all()
    assert np.abs(straight(depth, out)[:40] - picture[:40]).mean() < np.abs(warmed(picture)[:40] - picture[:40]).mean()


def test_a_part_is_the_part_of_the_whole(depth):
    work = work_on(depth, scene(), warmed(scene()), blob())
    part = slice(30, 110), slice(40, 150)
    for blend in (FULL, Blend(12, 3, 0.7, 0.4, 0.3)):
        whole, mask = work.pixels(blend).copy(), work.mask(blend)
        assert (work.pixels(blend, part) == whole[part]).all()
        assert (work.mask(blend, part) == mask[part]).all()


@st.composite
def selections(draw: st.DrawFn) -> np.ndarray:
    """One pixel, holes, greys, edges of the canvas."""
    height, width = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    mask = np.zeros((height, width), np.uint8)
    for _ in range(draw(st.integers(1, 3))):
        x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        value = draw(st.sampled_from([255, 0, 128, 1]))
        mask[y : y + draw(st.integers(1, 40)), x : x + draw(st.integers(1, 40))] = value
    return mask


@settings(max_examples=60, deadline=None)
@given(selections(), st.builds(Blend, st.integers(0, 20), st.integers(0, 30), *[st.floats(0, 1)] * 3))
def test_every_selection_is_held_and_every_blend_is_legal(selection: np.ndarray, blend: Blend) -> None:
    size = (*selection.shape, 3)
    made, picture = (np.random.default_rng(seed).integers(0, 256, size, np.uint8) for seed in (1, 2))
    work = Blending(BGRA8.from_straight(made), BGRA8.from_straight(picture), selection, BGRA8, blend.reach)
    mask, soon = work.mask(blend), work.mask(blend, soon=True)
    for each in (mask, soon):
        assert (each >= selection).all()
        assert (each[selection == 255] == 255).all()
    pixels = work.pixels(blend)
    assert pixels.shape == (*selection.shape, 4)
    assert (pixels[..., 3] == 255).all()


@pytest.mark.parametrize("fade", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_the_fall_goes_from_all_to_nothing(fade):
    away = np.linspace(0, 1, 101, dtype=np.float32)
    values = fall(away, fade)
    assert values[0] == 1
    assert values[-1] == 0
    assert (np.diff(values) <= 0).all()
    assert np.abs(fall(away, 0.5) - (1 - away)).max() < 1e-6
    assert fall(away, 1.0)[99] == 1


def test_a_soft_selection_is_previewed_nearly_as_it_becomes():
    soft = cv2.GaussianBlur(cv2.resize(blob(), (600, 600)), (0, 0), 9)
    edge = Edge(soft)
    blend = Blend(40, 50)
    difference = np.abs(edge.preview(blend).astype(int) - edge.mask(blend))
    assert difference.mean() < 2
    assert difference.max() < 60


def test_a_ring_of_few_pixels_says_nothing():
    picture = scene().astype(np.float32) / 255
    ring = np.zeros((SIDE, SIDE), bool)
    ring.reshape(-1)[: FEWEST - 1] = True
    assert shift_between(picture, picture, ring) is None


def test_a_ring_of_one_colour_moves_colours_and_leaves_contrast_nearly_alone():
    flat = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    other = np.full((SIDE, SIDE, 3), (0.6, 0.5, 0.4), np.float32)
    shift = shift_between(other, flat, np.ones((SIDE, SIDE), bool))
    assert np.abs(shift.matrix[:, :3] - np.eye(3)).max() < 1e-3
    assert np.abs(to_lab(shift(other)) - to_lab(flat)).max() < 0.2


@pytest.mark.parametrize("drift", [False, True], ids=["identity", "drift"])
def test_ours_is_better_than_the_peers_in_every_figure(drift):
    ours, peers = figures.compared(drift=drift)
    assert ours.ring <= 1.0
    assert ours.jump <= 1.2
    assert ours.through == 0.0
    for name, value in vars(ours).items():
        assert value < getattr(peers, name), name
