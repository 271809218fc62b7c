"""The PNG codec, against Pillow and OpenCV as independent readers and writers."""

import io
import struct

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from scumble.files import png

PICTURES = hnp.arrays(
    dtype=st.sampled_from([np.uint8, np.uint16]),
    shape=st.tuples(st.integers(1, 20), st.integers(1, 20), st.integers(1, 4)),
)


def by_pillow(pixels, **options):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", **options)
    return out.getvalue()


@settings(max_examples=60, deadline=None)
@given(PICTURES)
def test_what_was_encoded_is_read_back(pixels):
    found = png.Png(png.encode_whole(pixels)).pixels()
    assert found.dtype == pixels.dtype
    assert np.array_equal(found, pixels)


@pytest.mark.parametrize("height", [1, 255, 256, 257, 700])
def test_bands_of_any_height_give_the_same_picture(height):
    pixels = np.random.default_rng(height).integers(0, 256, (height, 9, 4)).astype(np.uint8)
    data = png.encode_whole(pixels)
    steps = [1] * (height % 3) + [height - height % 3] if height > 3 else [height]
    assert np.array_equal(np.concatenate(list(png.Png(data).bands(steps))), pixels)


def test_pillow_reads_our_8_bits():
    pixels = np.random.default_rng(1).integers(0, 256, (300, 40, 4)).astype(np.uint8)
    with Image.open(io.BytesIO(png.encode_whole(pixels, png.Extra(b"profile", 300.0)))) as image:
        assert np.array_equal(np.asarray(image), pixels)
        assert image.info["icc_profile"] == b"profile"
        assert image.info["dpi"][0] == pytest.approx(300.0, abs=0.01)


def test_opencv_reads_our_16_bits():
    pixels = np.random.default_rng(1).integers(0, 65536, (300, 40, 4)).astype(np.uint16)
    found = cv2.imdecode(np.frombuffer(png.encode_whole(pixels), np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(found[..., [2, 1, 0, 3]], pixels)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pictures_of_other_programs_with_any_filter_are_read(channels):
    ramp = np.add.outer(np.arange(200), np.arange(300))[..., None] * np.arange(1, channels + 1)
    pixels = (ramp % 256).astype(np.uint8)
    data = by_pillow(pixels[..., 0] if channels == 1 else pixels)
    assert len(set(filters_of(data, channels))) > 1
    found = png.Png(data).pixels()
    assert np.array_equal(found[..., :channels], pixels)


def filters_of(data, channels):
    with Image.open(io.BytesIO(data)) as image:
        width = image.width
    import zlib

    start, parts = 8, []
    while start < len(data):
        (length,) = struct.unpack(">I", data[start : start + 4])
        if data[start + 4 : start + 8] == b"IDAT":
            parts.append(data[start + 8 : start + 8 + length])
        start += 12 + length
    return zlib.decompress(b"".join(parts))[:: width * channels + 1]


def test_16_bits_of_other_programs_are_read_as_16_bits():
    pixels = np.random.default_rng(2).integers(0, 65536, (33, 44, 3)).astype(np.uint16)
    done, data = cv2.imencode(".png", pixels[..., ::-1])
    assert done
    found = png.Png(data.tobytes()).pixels()
    assert found.dtype == np.uint16
    assert np.array_equal(found[..., :3], pixels)


def test_a_palette_with_a_transparent_entry_is_read_as_rgba():
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putdata([0, 1])
    out = io.BytesIO()
    image.save(out, "PNG", transparency=1)
    assert png.Png(out.getvalue()).pixels().tolist() == [[[10, 20, 30, 255], [40, 50, 60, 0]]]


def test_one_bit_grey_is_read_as_8_bits():
    out = io.BytesIO()
    Image.fromarray(np.array([[True, False]])).save(out, "PNG")
    assert png.Png(out.getvalue()).pixels().tolist() == [[[255], [0]]]


def test_the_profile_and_odd_profiles():
    pixels = np.zeros((2, 2, 4), np.uint8)
    assert png.Png(png.encode_whole(pixels, png.Extra(b"x" * 5000))).icc == b"x" * 5000
    plain = png.encode_whole(pixels)
    for broken in (b"no end", b"name\0\0not zlib", b"name\0"):
        data = plain[:33] + png.chunk(b"iCCP", broken) + plain[33:]
        assert png.Png(data).icc == b""


def test_cut_short_at_every_byte_is_an_error():
    data = png.encode_whole(np.random.default_rng(3).integers(0, 256, (40, 9, 4)).astype(np.uint8))
    for size in range(len(data)):
        with pytest.raises(png.PngError):
            png.Png(data[:size]).pixels()


def test_a_flipped_byte_is_an_error_wherever_it_is():
    data = png.encode_whole(np.full((4, 4, 4), 9, np.uint8))
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 0x10
        with pytest.raises(png.PngError):
            png.Png(bytes(damaged)).pixels()


def test_too_few_rows_behind_right_check_sums_are_an_error():
    short = png.encode_whole(np.full((4, 4, 4), 9, np.uint8))
    header = png.chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 400, 8, 6, 0, 0, 0))
    with pytest.raises(png.PngError, match="ends too early"):
        png.Png(short[:8] + header + short[33:]).pixels()


@pytest.mark.parametrize("header", [(0, 4, 8, 6), (4, 4, 8, 5), (4, 4, 7, 6)])
def test_a_senseless_header_is_an_error(header):
    data = png.SIGNATURE + png.chunk(b"IHDR", struct.pack(">IIBBBBB", *header, 0, 0, 0))
    with pytest.raises(png.PngError, match="makes no sense"):
        png.read_header(data)
