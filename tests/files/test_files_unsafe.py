"""Bad input: each with the sentence that a person reads, and before memory is spent on it."""

import io
import json
import os
import random
import stat
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from scumble.api import ScumbleError
from scumble.document import Document, Rect
from scumble.document.edits import add_layer
from scumble.files import Limits, open_document, save_document
from scumble.files.png import SIGNATURE, chunk, encode_whole
from scumble.files.recipes import RecipeError, read_recipe

STACK = b'<image w="8" h="6"><stack><layer name="a" src="data/0.png"/></stack></image>'


def says(path, limits=None):
    """The sentence with which a file is refused, its folder left out."""
    with pytest.raises(ScumbleError) as caught:
        open_document(path, limits=limits)
    return str(caught.value).replace(f"{path.parent}{os.sep}", "")


def entries(**more):
    return {"mimetype": b"image/openraster", "stack.xml": STACK, "data/0.png": dot()} | more


def dot():
    return encode_whole(np.full((6, 8, 4), 200, np.uint8))


def huge_header(width=60000, height=60000):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return SIGNATURE + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def saved_ora(path):
    document = Document(64, 48)
    rng = np.random.default_rng(1)
    add_layer(document, "a", pixels=np.full((48, 64, 4), 255, np.uint8), mask=rng.integers(0, 256, (48, 64), np.uint8))
    save_document(document.snapshot(), path)
    return path.read_bytes()


def test_no_file(tmp_path):
    assert says(tmp_path / "a.ora") == "There is no file “a.ora”."


def test_a_folder(tmp_path):
    folder = tmp_path / "a.png"
    folder.mkdir()
    assert says(folder) == "“a.png” could not be opened: there is a folder of that name."


@pytest.mark.parametrize("data", [b"", b"hello", b"\x7fELF" + b"\0" * 100, b"<svg/>", b"GIF89a\x01\0\x01\0\0\0\0;"])
def test_not_an_image(tmp_path, data):
    path = tmp_path / "a.png"
    path.write_bytes(data)
    assert says(path) == "“a.png” is not a picture that Scumble can read."


def test_another_kind_of_archive(tmp_path, make_zip):
    path = make_zip(tmp_path / "a.ora", {"word/document.xml": b"<w/>"})
    assert says(path) == "“a.ora” is not a picture that Scumble can read."
    path = make_zip(tmp_path / "a.ora", entries(mimetype=b"application/x-krita"))
    assert says(path) == "“a.ora” is not a picture that Scumble can read."


def test_a_missing_tree(tmp_path, make_zip):
    path = make_zip(tmp_path / "a.ora", {"mimetype": b"image/openraster", "data/0.png": dot()})
    assert says(path) == "“a.ora” is damaged or cut short: “stack.xml” is missing."
    path = make_zip(tmp_path / "a.ora", entries(**{"stack.xml": b"<svg/>"}))
    assert says(path) == "“a.ora” is damaged or cut short: its stack.xml holds no image."


@pytest.mark.parametrize("size", ['w="0" h="6"', 'w="8"', 'w="-8" h="6"', 'w="nan" h="inf"'])
def test_a_canvas_without_pixels(tmp_path, make_zip, size):
    path = make_zip(tmp_path / "a.ora", entries(**{"stack.xml": f"<image {size}/>".encode()}))
    assert says(path).startswith("“a.ora” is damaged or cut short: it says that it is ")


def test_an_archive_cut_short_anywhere(tmp_path):
    whole = saved_ora(tmp_path / "whole.ora")
    path = tmp_path / "a.ora"
    for size in (4, 30, 57, 100, len(whole) // 2, len(whole) - 200, len(whole) - 22, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert says(path) == "“a.ora” is damaged or cut short: its table of contents is missing."


def test_damage_anywhere_in_an_archive_is_an_error_or_a_note_and_nothing_else(tmp_path):
    whole = saved_ora(tmp_path / "whole.ora")
    path, luck = tmp_path / "a.ora", random.Random(7)
    refused = set()
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(luck.choice((1, 1, 4, 30))):
            data[luck.randrange(len(data))] = luck.randrange(256)
        path.write_bytes(data)
        try:
            open_document(path)
        except ScumbleError as error:
            refused.add(error.code)
    assert {"file-truncated", "file-unsafe"} <= refused
    assert refused <= {"file-truncated", "file-unsafe", "file-not-image", "file-too-large"}


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif", "bmp"])
def test_a_picture_cut_short_anywhere(tmp_path, ending):
    from PIL import Image

    out, path = io.BytesIO(), tmp_path / f"a.{ending}"
    rng = np.random.default_rng(2)
    name = {"jpg": "JPEG", "tif": "TIFF"}.get(ending, ending)
    Image.fromarray(rng.integers(0, 256, (60, 70, 3), np.uint8)).save(out, name)
    whole = out.getvalue()
    for part in (0.1, 0.3, 0.5, 0.9, 0.97):
        path.write_bytes(whole[: int(len(whole) * part)])
        text = says(path)
        assert text.startswith(f"“a.{ending}” is ")
        assert "cut short" in text or "not a picture" in text


def test_a_60000_by_60000_header(tmp_path, make_zip):
    path = tmp_path / "a.png"
    path.write_bytes(huge_header())
    sentence = "says it is 60000 × 60000; Scumble opens pictures of up to 32768 pixels a side and 400 megapixels."
    assert says(path) == f"“a.png” {sentence}"
    path = make_zip(tmp_path / "a.ora", entries(**{"data/0.png": huge_header()}))
    assert says(path) == f"“a.ora” {sentence}"
    stack = STACK.replace(b'w="8" h="6"', b'w="60000" h="60000"')
    path = make_zip(tmp_path / "a.ora", entries(**{"stack.xml": stack}))
    assert says(path) == f"“a.ora” {sentence}"


def test_a_header_just_inside_the_sides_but_beyond_the_pixels(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(huge_header(30000, 30000))
    assert says(path).startswith("“a.png” says it is 30000 × 30000;")


@pytest.mark.parametrize("name", ["../a.png", "/etc/a.png", "data/../../a.png", "..\\a.png", "C:a.png"])
def test_names_that_point_outside(tmp_path, make_zip, name):
    path = make_zip(tmp_path / "a.ora", entries(**{name: b"x"}))
    assert says(path) == f"“a.ora” was not opened, because its entry “{name}” points outside of it."


def test_a_link(tmp_path):
    path = tmp_path / "a.ora"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("data/0.png")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/hostname")
    assert says(path) == "“a.ora” was not opened, because its entry “data/0.png” is a link."


def test_two_entries_of_one_name(tmp_path):
    path = tmp_path / "a.ora"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("stack.xml", STACK)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("stack.xml", STACK)
    assert says(path) == "“a.ora” was not opened, because it holds two entries called “stack.xml”."


def test_an_encrypted_entry(tmp_path, make_zip):
    path = make_zip(tmp_path / "a.ora", entries())
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert says(path) == "“a.ora” was not opened, because it is encrypted."


@pytest.fixture(scope="module")
def bomb(tmp_path_factory):
    """500 MB of zeros in half a megabyte."""
    path = tmp_path_factory.mktemp("bomb") / "a.ora"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "image/openraster")
        with archive.open("stack.xml", "w") as member:
            for _ in range(500):
                member.write(b"\0" * (1 << 20))
    return path


def test_a_bomb_of_500_megabytes_is_refused_before_it_is_unpacked(bomb):
    assert bomb.stat().st_size < 1 << 20
    tracemalloc.start()
    try:
        assert says(bomb) == "“a.ora” was not opened, because its entry “stack.xml” would unpack to 500 MB."
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_bomb_that_lies_about_its_size_is_cut_off(tmp_path, bomb):
    path = tmp_path / "a.ora"
    data = bomb.read_bytes().replace(struct.pack("<I", 500 << 20), struct.pack("<I", 1000))
    path.write_bytes(data)
    tracemalloc.start()
    try:
        assert says(path) == "“a.ora” is damaged or cut short: “stack.xml” is damaged."
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_many_small_bombs_are_one_large_one(tmp_path, make_zip):
    path = tmp_path / "a.ora"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"data/{number}", b"\0" * (1 << 20))
    assert says(path, Limits(total=10 << 20)).endswith("because it would unpack to 20 MB.")
    assert says(path, Limits(ratio=200)).endswith("because it would unpack to 20 MB.")


def test_too_many_entries(tmp_path, make_zip):
    path = make_zip(tmp_path / "a.ora", {f"data/{number}": b"" for number in range(200)})
    assert says(path, Limits(members=100)) == "“a.ora” was not opened, because it holds 200 entries."
    assert says(path, Limits(directory=1000)) == "“a.ora” was not opened, because it lists too many entries."


def test_layers_that_do_not_fit_into_memory(tmp_path, make_zip):
    path = make_zip(tmp_path / "a.ora", entries())
    sentence = "“a.ora” was not opened, because its layers do not fit into memory."
    assert says(path, Limits(tiles=1000)) == sentence


def test_a_picture_bomb_inside_an_archive_costs_no_memory_where_it_is_empty(tmp_path, make_zip):
    width, height = 3000, 20000
    rows = zlib.compress((b"\0" * (width * 4 + 1)) * height, 1)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    data = SIGNATURE + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    path = make_zip(tmp_path / "a.ora", entries(**{"data/0.png": data}))
    tracemalloc.start()
    try:
        assert open_document(path).document.memory == 0
        assert tracemalloc.get_traced_memory()[1] < 60 << 20, "of the 240 MB that it unpacks to"
    finally:
        tracemalloc.stop()


def test_an_unknown_entry_too_large_to_keep_is_named(tmp_path, make_zip):
    path = make_zip(tmp_path / "a.ora", entries(**{"notes.txt": b"x" * 100}))
    opened = open_document(path, limits=Limits(extras=50))
    assert [str(note) for note in opened.notes] == [
        "The entry “notes.txt” of the file is too large to be kept when you save."
    ]
    assert open_document(path).document.structure.extras == {"notes.txt": b"x" * 100}


def test_a_path_that_cannot_be_read(tmp_path):
    below = tmp_path / "file"
    below.write_bytes(b"x")
    assert says(Path(below, "a.png")).endswith("could not be opened: a part of its path is not a folder.")


def test_a_picture_for_which_there_is_no_memory(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(huge_header(20000, 20000))
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (200 << 20), before[1]))
    try:
        text = says(path)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert text == "“a.png” could not be opened: there is not enough memory for it."


@pytest.mark.parametrize(
    "said",
    [
        {"box": [0, 0, 1 << 40, 4]},
        {"box": [0, 0, 4, -4]},
        {"box": [1 << 60, 0, 4, 4]},
        {"regions": {"Region 1": {"strength": 40.0}}},
        {"regions": {"Region 1": {"strength": -1.0}}},
    ],
)
def test_a_recipe_whose_numbers_no_picture_has_is_refused(said):
    content = {"version": 1, "tool": "t", "plugin": "p", "box": [0, 0, 4, 4]}
    assert read_recipe(json.dumps(content).encode(), bytes.fromhex)[0].box == Rect(0, 0, 4, 4)
    with pytest.raises(RecipeError):
        read_recipe(json.dumps(content | said).encode(), bytes.fromhex)
