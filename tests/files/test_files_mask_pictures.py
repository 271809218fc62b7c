"""Masks read from any picture, and written in shades of grey."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy import array_equal as same

from scumble.api import ScumbleError
from scumble.document import BGRA8, RGBA16
from scumble.document.edits import add_layer, new_document
from scumble.files import mask_picture, read_mask, save_document, write_mask

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)


@pytest.mark.parametrize("ending", [".png", ".tiff", ".bmp", ".webp"])
def test_every_value_comes_back(tmp_path, ending):
    path = tmp_path / f"mask{ending}"
    write_mask(RAMP, path)
    found = read_mask(path)
    assert same(found.light, RAMP)
    assert found.alpha is None


def test_a_jpeg_comes_near(tmp_path):
    path = tmp_path / "mask.jpg"
    write_mask(RAMP, path)
    assert np.abs(read_mask(path).light.astype(int) - RAMP).max() <= 8


def test_16_bits_are_brought_to_8(tmp_path):
    path = tmp_path / "deep.png"
    cv2.imwrite(str(path), RAMP.astype(np.uint16) * 257)
    assert same(read_mask(path).light, RAMP)


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16])
def test_light_is_luma_and_a_transparent_pixel_has_none(pixel_format):
    straight = np.array([[[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [255, 255, 255, 128]]], np.uint8)
    found = mask_picture(pixel_format.from_straight(straight), pixel_format)
    assert found.light.tolist() == [[76, 150, 29, 128]]
    assert found.alpha is not None
    assert found.alpha.tolist() == [[255, 255, 255, 128]]


def test_a_picture_with_layers_is_read_as_it_is_seen(tmp_path):
    document = new_document(30, 20, BGRA8, background=(0.0, 0.0, 0.0), name="Background")
    white = np.full((10, 10, 4), 255, np.uint8)
    add_layer(document, "Dot", pixels=white, origin=(5, 5))
    path = tmp_path / "picture.ora"
    save_document(document.snapshot(), path)
    found = read_mask(path)
    assert found.light[10, 10] == 255
    assert found.light.sum() == 255 * 100


@pytest.mark.parametrize(("name", "code"), [("mask.xyz", "file-format-unknown"), ("mask.ora", "file-format-unknown")])
def test_what_cannot_be_written_says_so(tmp_path, name, code):
    with pytest.raises(ScumbleError) as error:
        write_mask(RAMP, tmp_path / name)
    assert error.value.code == code
    assert not (tmp_path / name).exists()


def test_a_failed_write_leaves_the_old_file(tmp_path):
    with pytest.raises(ScumbleError):
        write_mask(RAMP, tmp_path / "missing" / "mask.png")


def test_what_is_no_picture_is_an_error(tmp_path):
    path = tmp_path / "text.png"
    path.write_text("words")
    with pytest.raises(ScumbleError):
        read_mask(path)
