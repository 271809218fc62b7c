"""Style transfer on drawn pictures: what is drawn stays, and colours follow the style picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from scumble.api import Cancelled, ScumbleError
from scumble_style.lines import guided, redrawn
from scumble_style.runtime import cover, match_statistics, scumble_run_tool

STEPS = 20


def edges(picture):
    """Gradient magnitude (Sobel) of the luminance."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)).ravel()


def statistics(picture):
    flat = picture.reshape(-1, 3).astype(float)
    return np.concatenate([flat.mean(0), flat.std(0)])


def run(make_job, context, content, style, **params):
    job = make_job("scumble_style", {"content": content, "style": style}, steps=STEPS, **params)
    return scumble_run_tool("style", job, context).candidates[0].image


@pytest.mark.parametrize("index", [0, 1, 2])
def test_edges_stay_and_colours_follow(make_context, make_job, drawn, styles, index):
    content, results = drawn[index], []
    for style in styles:
        result = run(make_job, make_context(), content, style)
        results.append(statistics(result))
        assert np.corrcoef(edges(content), edges(result))[0, 1] >= 0.6
        wanted = statistics(cover(style, (128, 128)))
        before, after = (np.abs(statistics(picture) - wanted).mean() for picture in (content, result))
        assert after < 0.7 * before
    for own, other in ((0, 1), (1, 0)):
        wanted = statistics(cover(styles[own], (128, 128)))
        assert np.abs(results[own] - wanted).mean() < np.abs(results[other] - wanted).mean()


def test_more_lines_bring_more_of_the_drawing(make_context, make_job, drawn, styles):
    results = [run(make_job, make_context(), drawn[1], styles[0], lines=amount) for amount in (0.0, 0.5, 1.0)]
    kept = [np.corrcoef(edges(drawn[1]), edges(result))[0, 1] for result in results]
    assert kept[0] + 0.1 < kept[1] < kept[2] - 0.1


def test_lines_at_nothing_change_nothing(drawn):
    result = np.random.default_rng(0).integers(0, 256, drawn[0].shape, np.uint8)
    assert redrawn(result, drawn[0], 0.0, 8) is result


def test_lines_have_the_colours_of_the_one_and_the_edges_of_the_other(drawn):
    content = drawn[0]
    soft = cv2.GaussianBlur(255 - content, (0, 0), 3.0)
    crisp = redrawn(soft, content, 1.0, 8)
    assert np.corrcoef(edges(content), edges(soft))[0, 1] < 0.7
    assert np.corrcoef(edges(content), edges(crisp))[0, 1] > 0.9
    assert np.allclose(crisp.mean((0, 1)), (255 - content).mean((0, 1)), atol=2)


def test_a_guide_that_explains_nothing_leaves_the_local_mean(drawn):
    picture = drawn[0].astype(np.float32) / 255
    flat = np.full_like(picture, 0.3)
    once = cv2.blur(picture, (9, 9), borderType=cv2.BORDER_REFLECT)
    assert np.allclose(guided(picture, flat, 4), cv2.blur(once, (9, 9), borderType=cv2.BORDER_REFLECT), atol=1e-5)


def test_a_picture_is_its_own_best_guide(drawn):
    picture = drawn[2].astype(np.float32) / 255
    assert np.abs(guided(picture, picture, 8) - picture).mean() < 0.02


def test_it_repeats_exactly_and_reports_both_halves(make_context, make_job, drawn, styles):
    context = make_context()
    first = run(make_job, context, drawn[0], styles[0])
    assert np.array_equal(first, run(make_job, make_context(), drawn[0], styles[0]))
    assert [step[:2] for step in context.steps] == [(step, 2 * STEPS) for step in range(1, 2 * STEPS + 1)]
    assert context.steps[-1][2] is not None


def test_cancel(make_context, make_job, drawn, styles):
    context = make_context(cancel_at=3)
    with pytest.raises(Cancelled):
        run(make_job, context, drawn[0], styles[0])
    assert len(context.steps) == 3


def test_a_style_picture_of_any_shape_covers_the_size():
    wide = np.zeros((50, 300, 4), np.uint8)
    wide[..., :3] = 200
    covered = cover(wide, (64, 128))
    assert covered.shape == (128, 64, 3)
    assert (covered == 255).all()


def test_statistics_are_matched():
    import torch

    generator = torch.Generator().manual_seed(0)
    content = torch.randn(1, 4, 8, 8, generator=generator)
    style = 3 * torch.randn(1, 4, 8, 8, generator=generator) + 1
    moved = match_statistics(content, style, 1.0)
    assert torch.allclose(moved.mean((2, 3)), style.mean((2, 3)), atol=1e-5)
    assert torch.allclose(moved.std((2, 3)), style.std((2, 3)), atol=1e-5)
    assert torch.equal(match_statistics(content, style, 0.0), content)


def test_a_missing_picture_is_named(make_context, make_job, drawn):
    with pytest.raises(ScumbleError) as caught:
        scumble_run_tool("style", make_job("scumble_style", {"content": drawn[0]}), make_context())
    assert caught.value.code == "tool-needs-input"
