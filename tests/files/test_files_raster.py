"""Pictures without layers: what comes in, and what goes out."""

import io
import warnings

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from scumble.api import Cancelled, ScumbleError
from scumble.document import BGRA8, RGBA16, Document
from scumble.document.edits import add_layer, set_structure
from scumble.files import FORMATS, Choices, export_document, flattened, format_of, open_document
from scumble.files.formats import PNG

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def photo(height=40, width=60, channels=3, dtype=np.uint8):
    rng = np.random.default_rng(channels)
    return rng.integers(0, np.iinfo(dtype).max + 1, (height, width, channels)).astype(dtype)


def smooth(height=64, width=80):
    ramp = np.add.outer(np.arange(height), np.arange(width))
    return np.stack([ramp, ramp // 2 + 40, 255 - ramp], axis=-1).astype(np.uint8)


def seen(document):
    """The visible picture, straight RGBA of the document's own depth."""
    return document.format.to_straight(flattened(document.snapshot()), document.format.dtype)


def opened(path, **limits):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return open_document(path, **limits)


def document_of(straight, pixel_format=BGRA8):
    document = Document(straight.shape[1], straight.shape[0], pixel_format)
    add_layer(document, "picture", pixels=pixel_format.from_straight(straight))
    return document


@pytest.mark.parametrize("ending", ["png", "webp", "tif", "bmp"])
def test_a_picture_is_opened_exactly_as_one_layer_of_its_name(tmp_path, ending):
    path, pixels = tmp_path / f"Meer.{ending}", photo()
    Image.fromarray(pixels).save(path, **({"lossless": True} if ending == "webp" else {}))
    document = opened(path).document
    assert [layer.name for layer in document.layers] == ["Meer"]
    assert document.active is document.layers[0]
    assert document.history.names == ()
    assert np.array_equal(seen(document)[..., :3], pixels)
    assert seen(document)[..., 3].min() == 255


@pytest.mark.parametrize("ending", ["png", "webp", "tif"])
def test_transparency_comes_in(tmp_path, ending):
    path, pixels = tmp_path / f"a.{ending}", photo(channels=4)
    pixels[..., 3] = np.where(pixels[..., 3] < 128, 0, 255)
    pixels[pixels[..., 3] == 0] = 0
    Image.fromarray(pixels).save(path, **({"lossless": True} if ending == "webp" else {}))
    assert np.array_equal(seen(opened(path).document), pixels)


def test_what_is_inside_decides_and_not_the_name(tmp_path):
    path = tmp_path / "a.jpg"
    Image.fromarray(photo()).save(path, "PNG")
    assert np.array_equal(seen(opened(path).document)[..., :3], photo())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_the_orientation_of_a_camera_is_applied(tmp_path, orientation, ending):
    path = tmp_path / f"a.{ending}"
    image = Image.fromarray(smooth())
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(path, exif=exif)
    with Image.open(path) as again:
        expected = np.asarray(ImageOps.exif_transpose(again).convert("RGB"))
    document = opened(path).document
    assert (document.height, document.width) == expected.shape[:2]
    assert np.array_equal(seen(document)[..., :3], expected)


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif"])
def test_profile_and_resolution_go_in_and_out(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    document = document_of(photo(channels=4) | 255)
    from dataclasses import replace

    set_structure(document, replace(document.structure, icc=SRGB, dpi=300.0), "Structure")
    export_document(document.snapshot(), path)
    structure = opened(path).document.structure
    assert structure.icc == SRGB
    if ending != "webp":
        assert structure.dpi == pytest.approx(300, abs=0.5)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGBX", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"])
def test_every_colour_model_becomes_rgb(tmp_path, mode):
    source = Image.fromarray(smooth())
    if mode in ("I;16", "I", "F"):
        grey = np.asarray(source.convert("L"))
        wide = {"I;16": grey.astype(np.uint16) * 257, "I": grey.astype(np.int32) * 257, "F": grey.astype("f4") / 255}
        image, expected = Image.fromarray(wide[mode]), np.repeat(grey[..., None], 3, axis=2)
    elif mode == "LAB":
        image, expected = Image.new(mode, (8, 8), 0), None
    elif mode == "LA":
        image, expected = source.convert("L").convert("LA"), np.asarray(source.convert("L").convert("RGB"))
    else:
        image = source.convert(mode)
        expected = np.asarray(image.convert("RGB"))
    path = tmp_path / "a.tif"
    if mode == "PA":
        image = image.convert("P")
    image.save(path)
    document = opened(path).document
    found = seen(document)[..., :3]
    if document.format is RGBA16:
        found = (found // 257).astype(np.uint8)
    assert document.bounds.area == image.width * image.height
    if expected is not None:
        assert np.array_equal(found, expected)


def test_cmyk_and_lab_say_that_they_were_converted(tmp_path):
    for mode in ("CMYK", "LAB"):
        path = tmp_path / f"{mode}.tif"
        Image.new(mode, (8, 8), 0).save(path)
        assert [str(note) for note in opened(path).notes] == [
            f"The colours of “{path}” were converted from {mode} to RGB."
        ]


@pytest.mark.parametrize("ending", ["png", "tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_16_bits_come_in_as_16_bits(tmp_path, ending, channels):
    path, pixels = tmp_path / f"a.{ending}", photo(channels=channels, dtype=np.uint16)
    if channels == 4:
        pixels[..., 3] = 65535
    assert cv2.imwrite(str(path), pixels[..., [2, 1, 0, 3][:channels]] if channels > 1 else pixels)
    document = opened(path).document
    assert document.format is RGBA16
    assert np.array_equal(seen(document)[..., :3], np.broadcast_to(pixels[..., :3], (*pixels.shape[:2], 3)))


def test_the_first_of_several_pages_is_opened_and_said(tmp_path):
    path = tmp_path / "a.tif"
    first, second = Image.fromarray(photo()), Image.new("RGB", (5, 5))
    first.save(path, save_all=True, append_images=[second, second])
    result = opened(path)
    assert [str(note) for note in result.notes] == [f"“{path}” holds 3 pictures. The first one was opened."]
    assert np.array_equal(seen(result.document)[..., :3], photo())


def test_a_damaged_exif_block_is_no_reason_to_refuse_or_to_warn(tmp_path):
    path = tmp_path / "a.jpg"
    Image.fromarray(smooth()).save(path, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert opened(path).document.width == 80


def test_opening_can_be_cancelled(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(photo()).save(path)

    def cancel(done, total):
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        open_document(path, progress=cancel)


@pytest.mark.parametrize("known", FORMATS, ids=[known.name for known in FORMATS])
def test_what_was_exported_looks_the_same(tmp_path, known):
    straight = np.dstack([smooth(), np.full((64, 80), 255, np.uint8)])
    path = tmp_path / f"a{known.extensions[0]}"
    assert export_document(document_of(straight).snapshot(), path, choices=Choices(quality=95)) == ()
    found = seen(opened(path).document).astype(int)
    assert abs(found - straight).max() <= (12 if known.quality else 0)
    assert abs(found - straight).mean() <= (1.5 if known.quality else 0)


@pytest.mark.parametrize("known", FORMATS, ids=[known.name for known in FORMATS])
def test_transparency_is_kept_or_put_on_white_and_said(tmp_path, known):
    straight = np.zeros((32, 32, 4), np.uint8)
    straight[:, 16:] = (200, 30, 40, 255)
    path = tmp_path / f"a{known.extensions[-1].upper()}"
    notes = export_document(document_of(straight).snapshot(), path, choices=Choices(quality=100))
    found = seen(opened(path).document)
    if known.alpha:
        assert notes == ()
        assert np.array_equal(found, straight)
    else:
        assert [str(note) for note in notes] == [
            f"{known.title} knows no transparency, so the picture was put on white."
        ]
        assert abs(found[:, :12].astype(int) - 255).max() <= 3
        assert abs(found[:, 20:].astype(int) - straight[:, 20:]).max() <= 3


def test_a_half_transparent_pixel_on_white(tmp_path):
    straight = np.full((4, 4, 4), (100, 0, 200, 128), np.uint8)
    export_document(document_of(straight).snapshot(), tmp_path / "a.bmp")
    found = seen(opened(tmp_path / "a.bmp").document)[0, 0].astype(int)
    assert abs(found - (177, 127, 227, 255)).max() <= 1


def test_quality_is_a_matter_of_size(tmp_path):
    snapshot = document_of(np.dstack([photo(200, 200), np.full((200, 200), 255, np.uint8)])).snapshot()
    for ending in ("jpg", "webp"):
        sizes = []
        for quality in (10, 60, 95):
            export_document(snapshot, tmp_path / f"a.{ending}", choices=Choices(quality=quality))
            sizes.append((tmp_path / f"a.{ending}").stat().st_size)
        assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("known", FORMATS, ids=[known.name for known in FORMATS])
def test_16_bits_are_kept_or_the_loss_is_said(tmp_path, known):
    straight = photo(channels=4, dtype=np.uint16)
    straight[..., 3] = 65535
    path = tmp_path / f"a{known.extensions[0]}"
    notes = export_document(document_of(straight, RGBA16).snapshot(), path, choices=Choices(quality=100))
    document = opened(path).document
    if known.deep:
        assert notes == ()
        assert np.array_equal(seen(document), straight)
    else:
        assert [str(note) for note in notes] == [f"{known.title} was written with 8 bits a channel."]
        if not known.quality:
            assert abs(seen(document) * 257.0 - straight).max() <= 129


def test_a_picture_too_long_for_a_format(tmp_path):
    path = tmp_path / "a.webp"
    with pytest.raises(ScumbleError) as caught:
        export_document(Document(20000, 1).snapshot(), path)
    assert str(caught.value) == (
        f"“{path}” was not written: a WebP picture has at most 16383 pixels a side. "
        "Export it as PNG, or make it smaller."
    )
    assert not path.exists()


def test_an_ending_that_nobody_knows(tmp_path):
    with pytest.raises(ScumbleError) as caught:
        export_document(Document(1, 1).snapshot(), tmp_path / "a.xyz")
    assert str(caught.value).endswith("It writes .ora, .png, .jpg, .webp, .tif, .psd, .bmp.")
    assert format_of(tmp_path / "A.PNG") is PNG


def test_an_export_that_fails_or_is_cancelled_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def cancel(done, total):
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        export_document(document_of(photo(channels=4)).snapshot(), path, progress=cancel)
    assert path.read_bytes() == b"old"


def test_pillow_reads_what_we_export(tmp_path):
    straight = photo(channels=4)
    straight[..., 3] = 255
    for known in FORMATS[1:]:
        path = tmp_path / f"a{known.extensions[0]}"
        export_document(document_of(straight).snapshot(), path)
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            assert image.size == (60, 40)
            assert image.format == known.name
