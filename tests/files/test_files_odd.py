"""Files of other programs that leave out what they may, and pictures of unusual shapes."""

import io

import numpy as np
import pytest
from PIL import Image

from scumble.document import BGRA8, RGBA16, Document, Group, PaintLayer, Rect
from scumble.document.edits import add_layer
from scumble.files import Choices, export_document, flattened, open_document, save_document
from scumble.files.png import encode_whole


def dot(colour=(200, 100, 50, 255), size=(8, 6)):
    return encode_whole(np.full((size[1], size[0], 4), colour, np.uint8))


def opened(tmp_path, make_zip, stack, **more):
    return open_document(make_zip(tmp_path / "a.ora", {"stack.xml": stack.encode(), "data/0.png": dot()} | more))


def test_without_mimetype_thumbnail_and_merged_picture(tmp_path, make_zip):
    found = opened(tmp_path, make_zip, '<image w="8" h="6"><stack><layer src="data/0.png"/></stack></image>')
    assert found.notes == ()
    (layer,) = found.document.layers
    assert (layer.name, layer.opacity, layer.visible) == ("", 1.0, True)
    assert found.document.surface(layer.surface).bounds() == Rect(0, 0, 8, 6)


def test_an_empty_picture_and_an_empty_group(tmp_path, make_zip):
    assert opened(tmp_path, make_zip, '<image w="8" h="6"/>').document.layers == ()
    assert opened(tmp_path, make_zip, '<image w="8" h="6"><stack/></image>').document.layers == ()
    found = opened(tmp_path, make_zip, '<image w="8" h="6"><stack><stack name="g"/></stack></image>')
    (group,) = found.document.layers
    assert isinstance(group, Group)
    assert group.children == ()


def test_groups_in_groups(tmp_path, make_zip):
    inner = '<layer name="deep" src="data/0.png"/>'
    for number in range(30):
        inner = f'<stack name="{number}">{inner}</stack>'
    found = opened(tmp_path, make_zip, f'<image w="8" h="6"><stack>{inner}</stack></image>')
    save_document(found.document.snapshot(), tmp_path / "b.ora")
    layers = open_document(tmp_path / "b.ora").document.layers
    depth = 0
    while isinstance(layers[0], Group):
        depth += 1
        layers = layers[0].children
    assert (depth, layers[0].name) == (30, "deep")


@pytest.mark.parametrize(("x", "y"), [(100, 0), (-100, -50), (0, 6), (-8, 0), (10**8, 0), (4, 3)])
def test_layers_outside_the_canvas(tmp_path, make_zip, x, y):
    stack = f'<image w="8" h="6"><stack><layer src="data/0.png" x="{x}" y="{y}"/></stack></image>'
    document = opened(tmp_path, make_zip, stack).document
    seen = document.format.to_straight(flattened(document.snapshot()))
    inside = max(min(x + 8, 8) - max(x, 0), 0) * max(min(y + 6, 6) - max(y, 0), 0)
    assert int((seen[..., 3] > 0).sum()) == inside
    save_document(document.snapshot(), tmp_path / "b.ora")
    again = open_document(tmp_path / "b.ora").document
    assert isinstance(again.layers[0], PaintLayer)
    before = document.surface(document.layers[0].surface).bounds()
    assert again.surface(again.layers[0].surface).bounds() == before


@pytest.mark.parametrize("size", [(1, 1), (30000, 8), (8, 30000), (257, 255)])
@pytest.mark.parametrize("ending", ["ora", "png", "tif", "psd", "jpg"])
@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16])
def test_unusual_shapes_go_out_and_come_back(tmp_path, size, ending, pixel_format):
    document = Document(*size, pixel_format)
    straight = np.zeros((size[1], size[0], 3), np.uint8)
    straight[..., 0] = np.arange(size[0]) % 251
    straight[..., 1] = (np.arange(size[1]) % 251)[:, None]
    add_layer(document, "a", pixels=pixel_format.from_straight(straight))
    path = tmp_path / f"a.{ending}"
    export_document(document.snapshot(), path, choices=Choices(quality=100))
    found = open_document(path).document
    assert (found.width, found.height) == size
    deep = pixel_format is RGBA16 and ending != "jpg"
    assert found.format is (RGBA16 if deep else BGRA8)
    if ending != "jpg":
        assert np.array_equal(flattened(found.snapshot()), flattened(document.snapshot()))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK", "F", "I"])
def test_pictures_of_every_mode(tmp_path, mode):
    ending = "tif" if mode in ("CMYK", "F", "I", "1") else "png"
    image = Image.new(mode, (9, 7))
    image.save(tmp_path / f"a.{ending}")
    document = open_document(tmp_path / f"a.{ending}").document
    assert (document.width, document.height) == (9, 7)
    assert document.format is (RGBA16 if mode == "I;16" else BGRA8)


def test_a_profile_of_another_colour_model_is_not_kept(tmp_path):
    from PIL import ImageCms

    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG", icc_profile=lab)
    (tmp_path / "a.png").write_bytes(out.getvalue())
    document = open_document(tmp_path / "a.png").document
    export_document(document.snapshot(), tmp_path / "b.jpg")
    assert open_document(tmp_path / "b.jpg").document.width == 4
