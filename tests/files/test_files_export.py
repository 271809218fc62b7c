"""What a person chooses for an export is what comes out of it, as other programs read it."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from scumble.document import BGRA8, RGBA16, Document, Rect
from scumble.document.edits import add_layer
from scumble.document.recipe import Recipe
from scumble.files import FORMATS, Choices, export_document, flattened, open_document, save_document
from scumble.files.estimate import estimated_size
from scumble.files.metadata import EXIF, XMP
from scumble.files.tiff import encode_tiff

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PACKET = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)
KEEPING = ("png", "jpg", "webp", "tif")


def noise(height=40, width=60, channels=4, kind=np.uint8):
    rng = np.random.default_rng(1)
    soft = cv2.resize(rng.random((6, 8, channels), np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return (np.clip(soft, 0, 1) * np.iinfo(kind).max).astype(kind)


def document_of(straight, pixel_format=BGRA8, **fields):
    document = Document(straight.shape[1], straight.shape[0], pixel_format)
    add_layer(document, "a", pixels=pixel_format.from_straight(straight), **fields)
    return document


def write(path, document, **choices):
    notes = export_document(document.snapshot(), path, choices=Choices(**choices))
    return path.read_bytes(), notes


def photo(path, orientation=6):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker"
    exif[0x8298] = "someone"
    exif.get_ifd(0x8769)[0x829A] = 0.5
    exif.get_ifd(0x8825)[1] = "N"
    Image.fromarray(noise(channels=3)).save(path, exif=exif, xmp=PACKET, quality=95)
    return path


@pytest.mark.parametrize("ending", KEEPING)
def test_what_the_camera_noted_is_kept_but_not_the_orientation(tmp_path, ending):
    document = open_document(photo(tmp_path / "photo.jpg")).document
    assert (document.width, document.height) == (40, 60)
    path = tmp_path / f"a.{ending}"
    write(path, document)
    with Image.open(path) as image:
        exif = image.getexif()
        assert image.size == (40, 60)
        assert exif.get(0x0112, 1) == 1
        assert exif[0x010F] == "Maker"
        assert exif[0x8298] == "someone"
        assert float(exif.get_ifd(0x8769)[0x829A]) == 0.5
        assert exif.get_ifd(0x8825)[1] == "N"
        xmp = image.info.get("xmp") or image.tag_v2[700]
        assert b'tiff:Orientation="1"' in (xmp.encode() if isinstance(xmp, str) else xmp)
    again = open_document(path).document
    assert (again.width, again.height) == (40, 60)
    assert set(again.structure.extras) == {EXIF, XMP}


@pytest.mark.parametrize("ending", KEEPING)
def test_it_can_be_left_out(tmp_path, ending):
    document = open_document(photo(tmp_path / "photo.jpg")).document
    data, _ = write(tmp_path / f"a.{ending}", document, metadata=False)
    assert b"Maker" not in data
    assert b"tiff:Orientation" not in data
    with Image.open(tmp_path / f"a.{ending}") as image:
        assert 0x010F not in image.getexif() or ending == "tif"


def test_it_goes_through_openraster(tmp_path):
    document = open_document(photo(tmp_path / "photo.jpg")).document
    save_document(document.snapshot(), tmp_path / "a.ora")
    again = open_document(tmp_path / "a.ora").document
    assert again.structure.extras == document.structure.extras


def test_broken_metadata_is_no_reason_to_refuse_a_picture(tmp_path):
    Image.fromarray(noise(channels=3)).save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert open_document(tmp_path / "a.jpg").document.width == 60


@pytest.mark.parametrize("ending", KEEPING)
def test_recipes_are_written_when_asked_for(tmp_path, ending):
    recipe = Recipe(tool="fill", plugin="p", params={"prompt": "a heron"}, box=Rect(0, 0, 1, 1))
    document = document_of(noise(), recipe=recipe)
    data, _ = write(tmp_path / f"a.{ending}", document)
    assert b"a heron" not in data
    write(tmp_path / f"a.{ending}", document, recipes=True)
    with Image.open(tmp_path / f"a.{ending}") as image:
        comment = image.getexif().get_ifd(0x8769)[0x9286]
    assert b'"prompt":"a heron"' in bytes(comment)


@pytest.mark.parametrize("level", range(10))
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_png_is_lossless_at_every_level(tmp_path, level, kind):
    straight = noise(kind=kind)
    document = document_of(straight, BGRA8 if kind is np.uint8 else RGBA16)
    write(tmp_path / "a.png", document, compression=level)
    found = open_document(tmp_path / "a.png").document
    assert found.format is document.format
    assert np.array_equal(flattened(found.snapshot()), flattened(document.snapshot()))


def test_more_compression_is_smaller(tmp_path):
    document = document_of(noise(300, 400))
    sizes = [len(write(tmp_path / "a.png", document, compression=level)[0]) for level in (0, 1, 9)]
    assert sizes[0] >= sizes[1] > sizes[2]


def test_progressive(tmp_path):
    document = document_of(noise(channels=3))
    for wanted in (False, True):
        write(tmp_path / "a.jpg", document, progressive=wanted)
        with Image.open(tmp_path / "a.jpg") as image:
            assert bool(image.info.get("progressive")) is wanted


def test_lossless_webp(tmp_path):
    document = document_of(noise())
    write(tmp_path / "a.webp", document, quality=10, lossless=True)
    found = open_document(tmp_path / "a.webp").document
    assert np.array_equal(flattened(found.snapshot()), flattened(document.snapshot()))


@pytest.mark.parametrize("ending", ["jpg", "bmp"])
def test_the_colour_behind_what_is_transparent(tmp_path, ending):
    document = document_of(np.zeros((16, 16, 4), np.uint8))
    _, notes = write(tmp_path / f"a.{ending}", document, matte=(255, 0, 128), quality=100)
    assert [note.code for note in notes] == ["note-on-colour"]
    with Image.open(tmp_path / f"a.{ending}") as image:
        assert np.abs(np.asarray(image)[8, 8].astype(int) - (255, 0, 128)).max() <= 2


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("height", [1, 256, 300])
def test_tiff_with_16_bits(tmp_path, channels, height):
    straight = noise(height, 31, channels, np.uint16)
    if channels == 4:
        straight[..., 3] |= 1
    path = tmp_path / "a.tif"
    path.write_bytes(encode_tiff(straight, icc=SRGB, dpi=300.0, xmp=PACKET))
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found.dtype == np.uint16
    assert np.array_equal(found[..., [2, 1, 0, 3][:channels]], straight)
    with Image.open(path) as image:
        assert image.info["icc_profile"] == SRGB
        assert image.info["dpi"] == (300.0, 300.0)


def test_16_bits_go_into_tiff_and_come_back(tmp_path):
    document = document_of(noise(kind=np.uint16, channels=3), RGBA16)
    assert write(tmp_path / "a.tif", document)[1] == ()
    found = open_document(tmp_path / "a.tif").document
    assert found.format is RGBA16
    assert np.array_equal(flattened(found.snapshot()), flattened(document.snapshot()))


@pytest.mark.parametrize("ending", KEEPING)
@pytest.mark.parametrize("side", [50, 2600])
def test_the_size_is_known_before(tmp_path, ending, side):
    document = document_of(noise(side, side, 3))
    known = next(known for known in FORMATS if f".{ending}" in known.extensions)
    snapshot = document.snapshot()
    guess = estimated_size(flattened(snapshot), snapshot.format, snapshot.structure, known, Choices())
    size = len(write(tmp_path / f"a.{ending}", document)[0])
    assert abs(guess - size) <= (0 if side == 50 else 0.25 * size)


def test_png_metadata_is_where_others_look_for_it(tmp_path):
    document = open_document(photo(tmp_path / "photo.jpg")).document
    data, _ = write(tmp_path / "a.png", document)
    assert data.index(b"eXIf") < data.index(b"IDAT")
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.getexif()[0x010F] == "Maker"
