"""The adjustments against other programs' code and plain formulae, at 8 and 16 bits."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from scumble.api import ToolJob
from scumble_adjust.colour import LUMINOSITY
from scumble_adjust.detail import blurred
from scumble_adjust.runtime import ADJUSTMENTS, scumble_run_tool

RNG = np.random.default_rng(5)
DEPTHS = pytest.mark.parametrize("dtype", [np.uint8, np.uint16])


def picture(dtype=np.uint8, height=40, width=56):
    """Smooth colours with noise in them, in part transparent."""
    limit = np.iinfo(dtype).max
    made = RNG.integers(0, limit + 1, (height, width, 4)).astype(dtype)
    made[..., :3] = cv2.GaussianBlur(made, (5, 5), 2)[..., :3] // 2 + made[..., :3] // 2
    made[: height // 2, :, 3] = limit
    return made


@pytest.fixture
def adjust(make_job):
    """Runs a tool as the engine would."""

    def run(tool, pixels, origin=(0, 0), scale=1.0, **params):
        job = make_job("scumble_adjust", {"image": pixels}, tool="adjust-" + tool, **params)
        height, width = pixels.shape[:2]
        job = ToolJob(job.id, job.plugin, job.tool, job.params, job.inputs, (width, height), "", origin, scale)

        class Context:
            def check_cancelled(self):
                pass

        result = scumble_run_tool(job.tool, job, Context())
        return result.candidates[0].image

    return run


def rgb(pixels):
    return pixels[..., :3].astype(float) / np.iinfo(pixels.dtype).max


REST = {
    "levels": {},
    "curves": {},
    "brightness-contrast": {},
    "hue-saturation": {},
    "colour-balance": {},
    "gaussian-blur": {"radius": 0.0},
    "unsharp-mask": {"amount": 0.0},
    "noise": {"amount": 0.0},
}
SOME = {
    "levels": {"all": "0.1 1.4 0.9 0.05 1", "red": "0 0.7 1 0 1"},
    "curves": {"all": "0,0.1 0.5,0.7 1,1", "blue": "0,1 1,0"},
    "brightness-contrast": {"brightness": 20.0, "contrast": -30.0},
    "hue-saturation": {"hue": 40.0, "saturation": 20.0, "lightness": -10.0},
    "colour-balance": {"midtones_red": 40.0, "shadows_blue": -60.0, "highlights_green": 30.0},
    "invert": {},
    "gaussian-blur": {"radius": 3.0},
    "unsharp-mask": {"amount": 150.0},
    "noise": {"amount": 10.0},
}


def test_every_tool_is_tried_here():
    assert {"adjust-" + name for name in SOME} == set(ADJUSTMENTS)


@DEPTHS
@pytest.mark.parametrize("tool", REST)
def test_values_at_rest_change_nothing_bit_for_bit(adjust, tool, dtype):
    pixels = picture(dtype)
    assert np.array_equal(adjust(tool, pixels, **REST[tool]), pixels)


@DEPTHS
@pytest.mark.parametrize("tool", SOME)
def test_shape_depth_and_alpha_stay_and_the_input_is_left_alone(adjust, tool, dtype):
    pixels = picture(dtype)
    before = pixels.copy()
    made = adjust(tool, pixels, **SOME[tool])
    assert (made.dtype, made.shape) == (pixels.dtype, pixels.shape)
    assert np.array_equal(pixels, before)
    assert not np.array_equal(made[..., :3], pixels[..., :3])
    if tool != "gaussian-blur":
        assert np.array_equal(made[..., 3], pixels[..., 3])


@pytest.mark.parametrize("tool", SOME)
def test_16_bits_are_the_same_picture_as_8(adjust, tool):
    pixels = picture()
    pixels[..., 3] = 255
    deep = pixels.astype(np.uint16) * 257
    step = 1.1 if tool == "gaussian-blur" else 0.6  # at 8 bits it is computed in fixed point
    assert np.abs(rgb(adjust(tool, pixels, **SOME[tool])) - rgb(adjust(tool, deep, **SOME[tool]))).max() <= step / 255


def test_invert_is_that_of_pillow(adjust):
    pixels = picture()
    theirs = ImageChops.invert(Image.fromarray(np.ascontiguousarray(pixels[..., :3])))
    assert np.array_equal(adjust("invert", pixels)[..., :3], np.asarray(theirs))
    assert np.array_equal(adjust("invert", adjust("invert", pixels)), pixels)


def test_levels_are_those_of_pillows_point(adjust):
    pixels = picture()
    black, gamma, white = 30, 1.8, 220
    table = [round(255 * (min(max((v - black) / (white - black), 0), 1) ** (1 / gamma))) for v in range(256)]
    theirs = Image.fromarray(np.ascontiguousarray(pixels[..., :3])).point(table * 3)
    ours = adjust("levels", pixels, all=f"{black / 255} {gamma} {white / 255} 0 1")
    assert np.abs(ours[..., :3].astype(int) - np.asarray(theirs)).max() <= 1


def test_a_channel_has_levels_of_its_own(adjust):
    pixels = picture()
    made = adjust("levels", pixels, green="0 1 1 0 0")
    assert not made[..., 1].any()
    assert np.array_equal(made[..., [0, 2, 3]], pixels[..., [0, 2, 3]])


def test_a_curve_through_the_corners_turned_inverts_one_channel(adjust):
    pixels = picture()
    made = adjust("curves", pixels, blue="0,1 1,0")
    assert np.array_equal(made[..., 2], 255 - pixels[..., 2])
    assert np.array_equal(made[..., :2], pixels[..., :2])


@given(st.floats(-100, 100), st.floats(-99, 99))
@settings(max_examples=40, deadline=None)
def test_brightness_and_contrast_by_the_plain_formula(brightness, contrast):
    grades = np.dstack([np.arange(256, dtype=np.uint8)[None]] * 3 + [np.full((1, 256), 255, np.uint8)])
    job = ToolJob("j", "p", "t", {"brightness": brightness, "contrast": contrast})
    made = ADJUSTMENTS["adjust-brightness-contrast"](job, grades)[0, :, 0]
    value = np.arange(256) / 255
    b = brightness / 100
    lit = value * (1 + b) if b < 0 else value + (1 - value) * b
    wanted = np.clip((lit - 0.5) * np.tan((contrast / 100 + 1) * np.pi / 4) + 0.5, 0, 1) * 255
    assert np.abs(made - wanted).max() <= 0.51
    assert (np.diff(made.astype(int)) >= 0).all()


@pytest.mark.parametrize(
    ("hue", "saturation", "lightness"), [(40, 0, 0), (-130, 30, 0), (0, -100, 0), (0, 0, 60), (10, 80, -40)]
)
def test_hue_and_saturation_by_the_standard_library(adjust, hue, saturation, lightness):
    pixels = picture(height=12, width=14)
    ours = rgb(
        adjust("hue-saturation", pixels, hue=float(hue), saturation=float(saturation), lightness=float(lightness))
    )
    for (y, x), _ in np.ndenumerate(pixels[..., 0]):
        h, light, s = colorsys.rgb_to_hls(*rgb(pixels)[y, x])
        s = min(max(s * (1 + saturation / 100), 0), 1)
        part = lightness / 100
        light = light + part * ((1 - light) if part > 0 else light)
        assert np.abs(colorsys.hls_to_rgb((h + hue / 360) % 1, light, s) - ours[y, x]).max() < 0.51 / 255 + 1e-4


def test_without_saturation_all_is_grey(adjust):
    made = adjust("hue-saturation", picture(), saturation=-100.0)
    assert np.ptp(made[..., :3].astype(int), axis=2).max() <= 1


def test_a_hue_turned_all_the_way_is_the_same(adjust):
    pixels = picture()
    there = adjust("hue-saturation", pixels, hue=180.0)
    assert np.abs(adjust("hue-saturation", there, hue=180.0)[..., :3].astype(int) - pixels[..., :3]).max() <= 4


def test_colour_balance_adds_where_it_is_told(adjust):
    ramp = np.zeros((1, 256, 4), np.uint8)
    ramp[..., :3] = np.arange(256)[None, :, None]
    ramp[..., 3] = 255
    for name, inside, outside in (("shadows", 20, 235), ("midtones", 128, 3), ("highlights", 235, 20)):
        made = adjust("colour-balance", ramp, keep_luminosity=False, **{f"{name}_red": 50.0}).astype(int)
        assert made[0, inside, 0] - inside == pytest.approx(min(0.5 * 0.7 * 255, 255 - inside), abs=1)
        assert abs(made[0, outside, 0] - outside) <= 1
        assert np.array_equal(made[..., 1:], ramp[..., 1:])


def test_colour_balance_keeps_luminosity(adjust):
    pixels = picture()
    made = adjust("colour-balance", pixels, midtones_red=80.0, highlights_blue=-70.0, shadows_green=40.0)
    assert np.abs(rgb(made) @ LUMINOSITY - rgb(pixels) @ LUMINOSITY).max() < 0.9 / 255
    free = adjust("colour-balance", pixels, midtones_red=80.0, keep_luminosity=False)
    assert np.abs(rgb(free) @ LUMINOSITY - rgb(pixels) @ LUMINOSITY).max() > 5 / 255


@DEPTHS
@pytest.mark.parametrize("radius", [0.4, 2.0, 7.5])
def test_the_blur_is_that_of_opencv_on_premultiplied_values(adjust, dtype, radius):
    pixels, limit = picture(dtype, 70, 90), np.iinfo(dtype).max
    values = pixels.astype(np.float64) / limit
    values[..., :3] *= values[..., 3:]
    soft = cv2.GaussianBlur(values, (0, 0), radius, borderType=cv2.BORDER_REPLICATE)
    wanted = soft.copy()
    wanted[..., :3] /= np.maximum(soft[..., 3:], 1e-9)
    assert np.abs(adjust("gaussian-blur", pixels, radius=radius) / limit - wanted).max() < 0.003


@pytest.mark.parametrize("sigma", [12.0, 17.3, 40.0, 90.0])
def test_a_wide_blur_is_the_plain_one_but_quicker(sigma):
    values = np.zeros((700, 900, 4), np.float32)
    values[200:420, 300:330] = (1.0, 0.5, 0.2, 1.0)
    values[500:, 600:] = 0.5
    plain = cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    assert np.abs(blurred(values, sigma) - plain).max() < 0.006


@pytest.mark.parametrize("radius", [3.0, 30.0])
def test_a_blur_of_a_piece_is_a_piece_of_the_blur(adjust, radius):
    pixels = picture(np.uint8, 600, 640)
    whole = adjust("gaussian-blur", pixels, radius=radius)
    left, top, margin = 203, 177, round(4 * radius)
    piece = np.ascontiguousarray(pixels[top - margin : top + 200 + margin, left - margin : left + 210 + margin])
    made = adjust("gaussian-blur", piece, origin=(left - margin, top - margin), radius=radius)
    inner = made[margin:-margin, margin:-margin].astype(int)
    assert np.abs(inner - whole[top : top + 200, left : left + 210]).max() <= 1


def test_colour_does_not_bleed_out_of_what_is_transparent(adjust):
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[..., 1] = 255
    pixels[:, 20:] = (200, 0, 0, 255)
    made = adjust("gaussian-blur", pixels, radius=4.0)
    seen = made[made[..., 3] > 8]
    assert seen[:, 1].max() == 0
    assert np.abs(seen[:, 0].astype(int) - 200).max() <= 2


def test_the_unsharp_mask_by_its_formula(adjust):
    pixels = picture(np.uint8, 60, 80)
    pixels[..., 3] = 255
    values = pixels[..., :3].astype(np.float64)
    edges = values - cv2.GaussianBlur(values, (0, 0), 2.0, borderType=cv2.BORDER_REPLICATE)
    sharp = np.clip(values + 1.5 * edges, 0, 255)
    assert np.abs(adjust("unsharp-mask", pixels, amount=150.0, radius=2.0)[..., :3] - sharp).max() < 1.1
    with_threshold = adjust("unsharp-mask", pixels, amount=150.0, radius=2.0, threshold=20.0)[..., :3]
    small, large = np.abs(edges) < 19.5, np.abs(edges) > 20.5
    assert np.array_equal(with_threshold[small], pixels[..., :3][small])
    assert np.abs(with_threshold[large] - sharp[large]).max() < 1.1


@pytest.mark.parametrize(("kind", "deviation"), [("uniform", 0.2 / 3**0.5), ("gaussian", 0.2)])
def test_noise_has_the_spread_that_it_says(adjust, kind, deviation):
    grey = np.full((500, 500, 4), 32768, np.uint16)
    made = rgb(adjust("noise", grey, amount=20.0, kind=kind)) - 32768 / 65535
    assert abs(made.mean()) < 0.002
    assert made.std() == pytest.approx(deviation, rel=0.02)
    flat = made.reshape(-1, 3)
    assert np.abs(np.corrcoef(flat.T) - np.eye(3)).max() < 0.02
    for shifted in (made[1:] * made[:-1], made[:, 1:] * made[:, :-1]):
        assert abs(shifted.mean()) < 0.02 * deviation**2 * 5


def test_noise_belongs_to_the_place_and_the_pattern(adjust):
    grey = np.full((80, 90, 4), 128, np.uint8)
    whole = adjust("noise", grey, amount=30.0, origin=(1000, 2000))
    piece = adjust("noise", grey[:30, :20], amount=30.0, origin=(1040, 2025))
    assert np.array_equal(piece, whole[25:55, 40:60])
    assert np.array_equal(whole, adjust("noise", grey, amount=30.0, origin=(1000, 2000)))
    assert not np.array_equal(whole, adjust("noise", grey, amount=30.0, origin=(1000, 2000), pattern=1))
    assert adjust("noise", grey, amount=30.0, origin=(-500, -3)).std() > 10


def test_monochrome_noise_has_no_colour(adjust):
    grey = np.full((50, 50, 4), 128, np.uint8)
    made = adjust("noise", grey, amount=30.0, monochrome=True).astype(int)
    assert np.ptp(made[..., :3], axis=2).max() == 0
    assert made[..., 0].std() > 20
