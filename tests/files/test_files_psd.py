"""Photoshop's files: those of GIMP and Krita, ours there and back, and damaged ones."""

import contextlib
import io
import random
import struct
import subprocess
import sys
import tracemalloc
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from psd_tools import PSDImage
from psd_tools.constants import Resource, Tag
from psd_tools.psd.image_resources import ImageResource

from scumble.api import Cancelled, ScumbleError
from scumble.document import BGRA8, RGBA16, BlendMode, Document, Group, PaintLayer, Rect
from scumble.document.edits import add_group, add_layer, add_mask, select, set_layer, set_structure
from scumble.files import Limits, export_document, flattened, open_document
from scumble.files.psd_channels import PACKBITS, PREDICTED, RAW, ZIP, ChannelError, pack_bits, unpack
from scumble.files.psd_names import key_of, mode_of

DATA = Path(__file__).parent / "data"
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def straight(document):
    return document.format.to_straight(flattened(document.snapshot())).astype(int)


def reference(path):
    return np.asarray(Image.open(path).convert("RGBA")).astype(int)


def says(path, limits=None):
    with pytest.raises(ScumbleError) as caught:
        open_document(path, limits=limits)
    return str(caught.value).replace(f"{path.parent}/", "")


def check_gimp(path, picture, pixel_format):
    opened = open_document(path)
    assert opened.notes == ()
    document = opened.document
    assert document.format is pixel_format
    assert (document.width, document.height, document.structure.dpi) == (24, 16, 300.0)
    _ground, group, ink, hidden = document.layers
    assert [layer.name for layer in document.layers] == ["Ground", "Group", "Encre é", "hidden"]
    assert isinstance(group, Group)
    assert (group.isolated, round(group.opacity, 2), [child.name for child in group.children]) == (True, 0.8, ["inner"])
    assert (ink.mode, ink.opacity, hidden.visible) == (BlendMode.MULTIPLY, 0.6, False)
    assert isinstance(ink, PaintLayer)
    assert document.surface(ink.surface).bounds() == Rect(3, -2, 10, 8)
    assert ink.mask is not None
    assert document.surface(ink.mask).read(Rect(2, 0, 7, 1))[0].tolist() == [0, 32, 32, 32, 32, 32, 255]
    assert ImageCms.ImageCmsProfile(io.BytesIO(document.structure.icc))
    assert document.history.names == ()
    assert np.abs(straight(document) - picture).max() <= 1


@pytest.mark.parametrize(("name", "pixel_format"), [("gimp", BGRA8), ("gimp16", RGBA16)])
def test_a_file_of_gimp(name, pixel_format):
    check_gimp(DATA / f"{name}.psd", reference(DATA / "gimp.png"), pixel_format)


def test_a_file_of_krita():
    opened = open_document(DATA / "krita.psd")
    assert opened.notes == ()
    _, group, ink = opened.document.layers
    assert (group.name, ink.name, ink.mode) == ("Group", "Encre é", BlendMode.SCREEN)
    assert isinstance(group, Group)
    assert not group.isolated
    assert np.abs(straight(opened.document) - reference(DATA / "krita.png")).max() <= 1


def test_what_gimp_writes_today(tmp_path, gimp):
    gimp((DATA / "make_gimp.scm").read_text().replace("FOLDER", str(tmp_path)))
    picture = reference(tmp_path / "gimp.png")
    check_gimp(tmp_path / "gimp.psd", picture, BGRA8)
    check_gimp(tmp_path / "gimp16.psd", picture, RGBA16)


def test_gimp_shows_ours_as_we_do(tmp_path, gimp):
    document = everything(clip=False)  # which GIMP does not know
    export_document(document.snapshot(), tmp_path / "ours.psd")
    gimp(
        f"""(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{tmp_path}/ours.psd" "")))
        (flat (car (gimp-layer-new-from-visible image image "f")))) (gimp-image-insert-layer image flat 0 0)
        (file-png-save RUN-NONINTERACTIVE image flat "{tmp_path}/gimp.png" "" 0 9 0 0 0 0 0))"""
    )
    # GIMP keeps opacity in steps of a per cent, and rounds between groups.
    difference = np.abs(straight(document) - reference(tmp_path / "gimp.png"))
    assert difference.max() <= 4
    assert difference.mean() < 0.5


def test_krita_shows_ours_as_we_do(tmp_path, krita):
    document = Document(40, 30)
    rng = np.random.default_rng(5)
    add_layer(document, "ground", pixels=BGRA8.from_straight(rng.integers(0, 256, (30, 40, 3), np.uint8)))
    layer = add_layer(document, "above", pixels=BGRA8.from_straight(rng.integers(0, 256, (20, 20, 4), np.uint8)))
    set_layer(document, layer, "x", mode=BlendMode.MULTIPLY, opacity=128 / 255)
    select(document, Rect(3, 3, 10, 10))
    add_mask(document, layer)
    export_document(document.snapshot(), tmp_path / "ours.psd")
    krita(tmp_path / "ours.psd", tmp_path / "krita.png")
    assert np.abs(straight(document) - reference(tmp_path / "krita.png")).max() <= 4


# There and back


def everything(pixel_format=BGRA8, clip=True):
    """A document of all that the format can hold."""
    document = Document(40, 30, pixel_format)
    rng = np.random.default_rng(4)

    def noise(height, width, channels=4):
        kind = np.uint16 if pixel_format is RGBA16 else np.uint8
        return pixel_format.from_straight(rng.integers(0, np.iinfo(kind).max, (height, width, channels)).astype(kind))

    ground = add_layer(document, "ground", pixels=noise(30, 40, 3))
    group = add_group(document, "a group ✓", above=ground)
    low = add_layer(document, "inside", pixels=noise(12, 50), origin=(-6, 4))
    add_layer(document, "clipped", pixels=noise(30, 40), clip=clip, mode=BlendMode.MULTIPLY, above=low)
    set_layer(document, group, "x", opacity=153 / 255)
    top = add_layer(document, "masked", pixels=noise(9, 8), origin=(20, 10), above=group)
    select(document, Rect(22, 0, 10, 14), rng.integers(0, 256, (14, 10), np.uint8))
    add_mask(document, top)
    set_layer(document, top, "x", opacity=51 / 255, mode=BlendMode.SCREEN)
    add_layer(document, "locked", locked=True, visible=False, above=top)
    add_layer(document, "alpha", pixels=noise(3, 3), alpha_locked=True)
    return document


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16])
def test_ours_comes_back_as_it_was(tmp_path, assert_same, pixel_format):
    document = everything(pixel_format)
    structure = document.structure
    set_structure(document, replace(structure, icc=SRGB, dpi=150.0), "x")
    select(document, Rect(0, 0, 1, 1), 0)
    assert export_document(document.snapshot(), tmp_path / "a.psd") == ()
    opened = open_document(tmp_path / "a.psd")
    assert opened.notes == ()
    assert_same(document, opened.document)
    assert opened.document.paint_layer(opened.document.layers[-1].id).alpha_locked


def test_the_merged_picture_is_there_for_those_who_read_only_that(tmp_path):
    document = everything()
    export_document(document.snapshot(), tmp_path / "a.psd")
    with Image.open(tmp_path / "a.psd") as image:
        assert (image.mode, image.size) == ("RGB", (40, 30))
        assert np.array_equal(np.asarray(image), straight(document)[..., :3])


def test_a_picture_that_shows_through(tmp_path):
    document = Document(3, 2)
    colour = np.array([[[255, 0, 0, 255], [0, 200, 100, 128], [0, 0, 0, 0]]] * 2, np.uint8)
    add_layer(document, "a", pixels=BGRA8.from_straight(colour))
    export_document(document.snapshot(), tmp_path / "a.psd")
    psd = PSDImage.open(tmp_path / "a.psd")
    assert psd.channels == 4
    merged = np.asarray(psd.topil())
    assert np.abs(merged[:, :2].astype(int) - colour[:, :2]).max() <= 1
    assert merged[:, 2, 3].tolist() == [0, 0]


@pytest.mark.parametrize("mode", list(BlendMode))
def test_every_blend_mode_has_a_key_and_comes_back(mode):
    key = key_of(mode)
    assert key is None or mode_of(key) is mode
    assert mode not in (BlendMode.NORMAL, BlendMode.LUMINOSITY, BlendMode.ADD) or key is not None


def test_a_picture_too_large_for_the_format(tmp_path):
    document = Document(30001, 1)
    add_layer(document, "a")
    with pytest.raises(ScumbleError) as caught:
        export_document(document.snapshot(), tmp_path / "a.psd")
    assert caught.value.code == "file-side-limit"
    assert not (tmp_path / "a.psd").exists()


def test_cancelling_leaves_nothing(tmp_path):
    def stop(done, total):
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        export_document(everything().snapshot(), tmp_path / "a.psd", progress=stop)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Cancelled):
        open_document(DATA / "gimp.psd", progress=stop)


# Other colour models, and what has no like here


def flat(path, mode, size=(8, 6), colour=0, depth=8, icc=b""):
    psd = PSDImage.new(mode, size, color=colour, depth=depth)
    if icc:
        psd.image_resources[Resource.ICC_PROFILE] = ImageResource(key=Resource.ICC_PROFILE, data=icc)
    psd.save(path)
    return path


def test_a_file_without_layers(tmp_path):
    document = open_document(flat(tmp_path / "a.psd", "RGB", colour=(200, 100, 50))).document
    assert [layer.name for layer in document.layers] == ["a"]
    assert straight(document)[0, 0].tolist() == [200, 100, 50, 255]


@pytest.mark.parametrize("depth", [8, 16])
def test_grey_becomes_rgb(tmp_path, depth):
    document = open_document(flat(tmp_path / "a.psd", "L", colour=0.4, depth=depth)).document
    assert document.format is (RGBA16 if depth == 16 else BGRA8)
    assert straight(document)[0, 0].tolist() == [102, 102, 102, 255]


def test_cmyk_is_converted_and_said_to_be(tmp_path):
    opened = open_document(flat(tmp_path / "a.psd", "CMYK", colour=(255, 0, 0, 255)))
    assert [note.code for note in opened.notes] == ["note-colours-converted"]
    assert straight(opened.document)[0, 0].tolist() == [255, 0, 0, 255]
    assert opened.document.structure.icc == b""


@pytest.mark.parametrize(
    ("mode", "kind"), [(0, "1-bit"), (2, "indexed"), (7, "multichannel"), (9, "Lab"), (77, "unknown")]
)
def test_kinds_that_are_refused(tmp_path, mode, kind):
    path = tmp_path / "a.psd"
    path.write_bytes(struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, 6, 8, 8, mode) + bytes(14))
    sentence = "PSD file, which Scumble does not open. Save it as RGB with 8 or 16 bits a channel first."
    assert says(path) == f"“a.psd” is a {kind} {sentence}"


def test_32_bits_are_refused(tmp_path):
    assert says(flat(tmp_path / "a.psd", "RGB", depth=32)).startswith("“a.psd” is a 32-bit PSD file")


def test_adjustments_and_unknown_modes_are_named(tmp_path):
    psd = PSDImage.new("RGB", (8, 6))
    picture = Image.new("RGBA", (8, 6), (9, 8, 7, 255))
    psd.create_pixel_layer(picture, "pixels").tagged_blocks.set_data(Tag.EFFECTS_LAYER)
    above = psd.create_pixel_layer(Image.new("RGBA", (1, 1)), "turned round")
    above.tagged_blocks.set_data(Tag.INVERT)
    for data in above._channels:
        data.data = b""
    out = io.BytesIO()
    psd._record.write(out)
    path = tmp_path / "a.psd"
    path.write_bytes(out.getvalue())
    opened = open_document(path)
    assert [layer.name for layer in opened.document.layers] == ["pixels"]
    assert [str(note) for note in opened.notes][-1] == (
        "The layer “turned round” changes what lies below it instead of having pixels, and was left out."
    )


def test_a_mask_that_shows_what_is_outside_of_it(tmp_path):
    psd = PSDImage.new("RGB", (8, 6))
    layer = psd.create_pixel_layer(Image.new("RGBA", (8, 6), (9, 8, 7, 255)), "a")
    layer.remove_mask()
    layer.create_mask(Image.new("L", (2, 2), 50), 1, 1)
    layer.mask.data.background_color = 255
    layer.mask.disabled = True
    out = io.BytesIO()
    psd._record.write(out)
    (tmp_path / "a.psd").write_bytes(out.getvalue())
    document = open_document(tmp_path / "a.psd").document
    (found,) = document.layers
    assert not found.mask_enabled
    values = document.surface(found.mask).read(document.bounds)
    assert values[1:3, 1:3].tolist() == [[50, 50], [50, 50]]
    assert values.sum() == 255 * (48 - 4) + 200


# Damage


def test_limits_before_memory(tmp_path):
    path = tmp_path / "a.psd"
    path.write_bytes(struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, 60000, 60000, 8, 3) + bytes(14))
    tracemalloc.start()
    assert says(path).startswith("“a.psd” says it is 60000 × 60000;")
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_a_small_file_that_claims_a_large_layer(tmp_path):
    whole = (DATA / "gimp.psd").read_bytes()
    record = struct.pack(">iiii", -2, 3, 6, 13)
    path = tmp_path / "a.psd"
    path.write_bytes(whole.replace(record, struct.pack(">iiii", -2, 3, 19998, 20003), 1))
    tracemalloc.start()
    opened = open_document(path)
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()
    assert [note.code for note in opened.notes] == ["note-layer-damaged"]


def test_cut_short_anywhere(tmp_path):
    whole = (DATA / "gimp.psd").read_bytes()
    path = tmp_path / "a.psd"
    (resources,) = struct.unpack(">I", whole[30:34])
    (layers,) = struct.unpack(">I", whole[34 + resources : 38 + resources])
    for size in range(4, 38 + resources + layers, 61):
        path.write_bytes(whole[:size])
        with contextlib.suppress(ScumbleError):
            assert open_document(path).notes


@pytest.mark.parametrize("name", ["gimp.psd", "krita.psd"])
def test_damage_anywhere_is_an_error_or_a_note_and_nothing_else(tmp_path, name):
    whole = (DATA / name).read_bytes()
    path, luck = tmp_path / "a.psd", random.Random(11)
    for _ in range(120):
        data = bytearray(whole)
        for _ in range(luck.choice((1, 1, 4, 30))):
            data[luck.randrange(len(data))] = luck.randrange(256)
        path.write_bytes(data)
        with contextlib.suppress(ScumbleError):
            open_document(path, limits=Limits(side=4096, pixels=1 << 24, tiles=1 << 28, total=1 << 28))


# Channels


def pack_zip(channel):
    return zlib.compress(channel.astype(f">u{channel.itemsize}").tobytes())


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (64, 300)])
def test_channels_come_back(kind, shape):
    rng = np.random.default_rng(6)
    channel = rng.integers(0, np.iinfo(kind).max, shape).astype(kind)
    channel[shape[0] // 2 :] = 7
    height, width = shape
    depth = channel.itemsize * 8
    assert np.array_equal(unpack(ZIP, pack_zip(channel), width, height, depth), channel)
    for version in (1, 2):
        packed = pack_bits([channel], version)
        assert np.array_equal(unpack(PACKBITS, packed, width, height, depth, version), channel)
    plain = channel.astype(f">u{channel.itemsize}").tobytes()
    assert np.array_equal(unpack(RAW, plain, width, height, depth), channel)
    steps = np.diff(channel, axis=1, prepend=channel[:, :1] * 0)
    assert np.array_equal(unpack(PREDICTED, pack_zip(steps.astype(kind)), width, height, depth), channel)


@pytest.mark.parametrize("packing", [RAW, PACKBITS, ZIP, PREDICTED, 9])
def test_channels_that_are_not_whole(packing):
    with pytest.raises(ChannelError):
        unpack(packing, b"abc", 100, 100, 8)


def test_psd_tools_are_not_imported_before_they_are_needed():
    script = (
        "import sys, scumble.files, scumble.cli.convert, scumble.files.preview; assert 'psd_tools' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
