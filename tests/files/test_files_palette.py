from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.api import ScumbleError
from scumble.files.palette import MAX_COLOURS, Palette, Swatch, read_palette, write_palette

part = st.integers(0, 255).map(lambda value: value / 255)
word = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]), max_size=20).map(
    lambda text: " ".join(text.split())
)
swatch = st.builds(Swatch, st.tuples(part, part, part), word)


@given(st.builds(Palette, word.filter(bool), st.lists(swatch, max_size=30).map(tuple), st.integers(0, 64)))
def test_what_is_written_is_read(palette):
    assert read_palette(write_palette(palette), "a.gpl") == palette


def test_a_file_of_gimp():
    lines = ["GIMP Palette", "Name: Sea", "Columns: 3", "# a remark", "", "255 0 0 Red", "  0 128\t255\tDeep  blue"]
    text = "\r\n".join([*lines, "1 2 3", ""]).encode()
    palette = read_palette(text, "other.gpl")
    assert (palette.name, palette.columns) == ("Sea", 3)
    assert [entry.name for entry in palette.swatches] == ["Red", "Deep  blue", ""]
    assert palette.swatches[1].colour == (0.0, 128 / 255, 1.0)


def test_an_old_file_without_name_is_called_after_its_file():
    assert read_palette(b"GIMP Palette\n0 0 0\n", "some/where/Old one.gpl").name == "Old one"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no palette",
        b"GIMP Palette\n1 2\n",
        b"GIMP Palette\n1 2 256 Too much\n",
        b"GIMP Palette\n0001999 2 3\n",
        b"GIMP Palette\n-1 2 3\n",
        b"GIMP Palette\nred green blue\n",
        b"GIMP Palette\n" + b"1 2 3\n" * (MAX_COLOURS + 1),
        b"GIMP Palette\n" + b"#" * (1 << 20),
        b"ASEF",
        b"ASEF\0\1\0\0\0\0\0\2" + struct.pack(">HI", 1, 200) + b"abc",
        b"\0\1\0\5\0\0",
        b"\0\2\0\1" + bytes(10) + struct.pack(">I", 1 << 31),
        bytes(range(256)),
    ],
)
def test_what_is_no_palette_is_refused_with_one_sentence(data):
    with pytest.raises(ScumbleError) as caught:
        read_palette(data, "folder/strange.gpl")
    assert caught.value.code == "palette-broken"
    assert "strange.gpl" in str(caught.value)
    assert str(caught.value).count(".") >= 1
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=200), st.sampled_from([b"", b"GIMP Palette\n", b"ASEF\0\1\0\0", b"\0\1\0\3", b"\0\2\0\3"]))
def test_whatever_comes_is_read_or_refused(data, start):
    try:
        swatches = read_palette(start + data, "any").swatches
    except ScumbleError:
        swatches = ()
    for entry in swatches:
        assert all(0.0 <= value <= 1.0 for value in entry.colour)


def aco(version, *entries):
    body = struct.pack(">HH", version, len(entries))
    for space, parts, name in entries:
        body += struct.pack(">5H", space, *parts)
        if version == 2:
            text = name.encode("utf-16-be") + b"\0\0"
            body += struct.pack(">I", len(text) // 2) + text
    return body


RED = (0, (65535, 0, 0, 0), "Röt")
GREEN_HSB = (1, (21845, 65535, 65535, 0), "Green")
CYAN_CMYK = (2, (0, 65535, 65535, 65535), "Cyan")
GREY = (8, (5000, 0, 0, 0), "Grey")
WHITE_LAB = (7, (10000, 0, 0, 0), "White")
UNKNOWN = (14, (1, 2, 3, 4), "?")


@pytest.mark.parametrize("both", [False, True])
def test_photoshop_swatches(both):
    entries = (RED, GREEN_HSB, CYAN_CMYK, GREY, WHITE_LAB, UNKNOWN)
    data = aco(1, *entries) + (aco(2, *entries) if both else b"")
    palette = read_palette(data, "x.aco")
    expected = [(1, 0, 0), (0, 1, 0), (0, 1, 1), (0.5, 0.5, 0.5), (1, 1, 1)]
    for entry, colour in zip(palette.swatches, expected, strict=True):
        assert entry.colour == pytest.approx(colour, abs=0.002)
    assert [entry.name for entry in palette.swatches][:2] == (["Röt", "Green"] if both else ["", ""])


def test_lab_agrees_with_littlecms():
    from PIL import Image, ImageCms

    lab = Image.new("LAB", (1, 1), (150, 128 + 30, 128 - 40))
    to_srgb = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    expected = ImageCms.applyTransform(lab, to_srgb).getpixel((0, 0))
    data = aco(1, (7, (round(150 / 2.55 * 100), 3000, (1 << 16) - 4000, 0), ""))
    found = read_palette(data, "x.aco").swatches[0].colour
    assert [value * 255 for value in found] == pytest.approx(expected, abs=2.0)


def ase_block(name, model, *values):
    text = name.encode("utf-16-be") + b"\0\0"
    body = struct.pack(">H", len(text) // 2) + text + model + struct.pack(f">{len(values)}f", *values) + b"\0\2"
    return struct.pack(">HI", 1, len(body)) + body


def test_adobe_exchange():
    group = struct.pack(">HI", 0xC001, 4) + b"\0\1\0\0"
    blocks = [
        group,
        ase_block("Orange", b"RGB ", 1.0, 0.5, 0.0),
        ase_block("Ink", b"CMYK", 0.0, 0.0, 0.0, 1.0),
        ase_block("Mid", b"Gray", 0.5),
        ase_block("White", b"LAB ", 1.0, 0.0, 0.0),
        struct.pack(">HI", 0xC002, 0),
    ]
    palette = read_palette(b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + b"".join(blocks), "Warm.ase")
    assert palette.name == "Warm"
    assert [entry.name for entry in palette.swatches] == ["Orange", "Ink", "Mid", "White"]
    for entry, colour in zip(palette.swatches, [(1, 0.5, 0), (0, 0, 0), (0.5,) * 3, (1, 1, 1)], strict=True):
        assert entry.colour == pytest.approx(colour, abs=0.002)


def test_no_number_is_no_colour():
    data = b"ASEF" + struct.pack(">HHI", 1, 0, 1) + ase_block("Bad", b"RGB ", float("nan"), 0.0, 0.0)
    with pytest.raises(ScumbleError, match="no number"):
        read_palette(data, "x.ase")


def test_names_cannot_break_a_line():
    palette = Palette("Two\nlines", (Swatch((0.0, 0.0, 0.0), "a\n255 0 0 b"),))
    again = read_palette(write_palette(palette), "x.gpl")
    assert again == Palette("Two lines", (Swatch((0.0, 0.0, 0.0), "a 255 0 0 b"),))
