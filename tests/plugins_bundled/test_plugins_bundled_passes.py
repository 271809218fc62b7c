"""Inpainting in two passes, on the starter model; and its tiles."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scumble.api import Cancelled
from scumble_inpaint.passes import merged, tiles_of
from scumble_inpaint.runtime import scumble_run_tool as inpaint


@settings(deadline=None)
@given(st.integers(8, 150), st.integers(8, 150), st.sampled_from([64, 128, 512]))
def test_tiles_cover_everything_once(width: int, height: int, native: int) -> None:
    size = width * 8, height * 8
    tiles = tiles_of(size, native)
    total = np.zeros((size[1], size[0]), np.float32)
    for tile in tiles:
        total[tile.slices] += tile.weight[..., 0]
        rows, columns = tile.weight.shape[:2]
        assert max(rows, columns) <= 1.25 * native
        assert all(value % 8 == 0 for value in (tile.x, tile.y, rows, columns))
    assert np.allclose(total, 1.0, atol=1e-5)


def test_a_picture_that_suits_the_model_is_one_tile() -> None:
    (tile,) = tiles_of((160, 128), 128)
    assert tile.slices == (slice(0, 128), slice(0, 160))


def large(drawn) -> np.ndarray:
    """A drawing of 384 × 256, three times what the starter model was made for."""
    row = np.concatenate(drawn, axis=1)
    return np.ascontiguousarray(np.concatenate([row, row[:, ::-1]]))


@pytest.fixture
def large_job(make_job, drawn):
    image = large(drawn)
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[40:100, 150:300] = 255  # under two of six tiles

    def make(**params):
        job = make_job("scumble_inpaint", {"image": image, "mask": mask}, (384, 256), prompt="a red cup", **params)
        return replace(job, first=(192, 128))

    return make


def test_two_passes_make_a_picture_of_the_full_size(make_context, large_job):
    job, context = large_job(steps=5), make_context()
    first = inpaint("inpaint", job, context).candidates[0].image
    assert first.shape == (256, 384, 3)
    assert len(tiles_of((384, 256), 128)) == 6
    counts = [step for step, _, _ in context.steps]
    assert counts == sorted(counts)
    assert {steps for _, steps, _ in context.steps} == {5 + 2 * 2}
    assert counts[-1] == 5 + 2 * 2
    assert context.steps[-1][2].shape == (64, 96, 3)
    difference = np.abs(first.astype(int) - job.inputs["image"]).mean(-1)
    inside = job.inputs["mask"] > 0
    assert difference[~inside].mean() < 12 < difference[inside].mean()


def test_the_seed_alone_decides(make_context, large_job):
    job = large_job(steps=2, seed=4, batch=2)
    both = inpaint("inpaint", job, make_context()).candidates
    alone = inpaint("inpaint", large_job(steps=2, seed=5), make_context()).candidates
    assert [made.seed for made in both] == [4, 5]
    inside = job.inputs["mask"] > 0
    first, second, again = (made.image[inside].astype(int) for made in (*both, *alone))
    assert np.abs(second - again).mean() < 0.5
    assert np.abs(first - again).mean() > 2


def test_a_weak_job_only_goes_over_the_picture_in_tiles(make_context, large_job):
    context = make_context()
    made = inpaint("inpaint", large_job(steps=10, strength=0.2), context).candidates[0].image
    assert context.steps[0][2].shape == (64, 96, 3)
    strong = inpaint("inpaint", large_job(steps=4), make_context()).candidates[0].image
    inputs = large_job().inputs
    inside = inputs["mask"] > 0
    weakly, strongly = (np.abs(each[inside] - inputs["image"][inside].astype(int)).mean() for each in (made, strong))
    assert weakly < 0.6 * strongly


def test_cancel_in_the_second_pass(make_context, large_job):
    context = make_context(cancel_at=4)
    with pytest.raises(Cancelled):
        inpaint("inpaint", large_job(steps=2), context)
    assert len(context.steps) == 4


def test_tiles_outside_the_mask_are_left_as_they_are(make_context, make_job, drawn):
    image = large(drawn)
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[10:40, 10:40] = 255
    job = replace(make_job("scumble_inpaint", {"image": image, "mask": mask}, (384, 256), steps=3), first=(192, 128))
    made = inpaint("inpaint", job, make_context()).candidates[0].image
    assert np.array_equal(made[:, 200:], image[:, 200:])


def test_what_was_made_is_taken_under_the_mask_alone() -> None:
    image, made = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 200, np.uint8)
    mask = np.zeros((8, 8), np.uint8)
    mask[:, 4:], mask[:, 3] = 255, 51
    row = merged(image, made, mask)[0, :, 0]
    assert row.tolist() == [0, 0, 0, 40, 200, 200, 200, 200]
