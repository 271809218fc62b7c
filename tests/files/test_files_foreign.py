"""Files laid out as Krita, MyPaint and GIMP write them."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from scumble.document import BGRA8, RGBA16, BlendMode, Group, PaintLayer, Rect
from scumble.files import open_document, save_document
from scumble.render import oracle

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 128)


def plain(colour, size=(8, 6), **options):
    out = io.BytesIO()
    Image.new("RGBA", size, colour).save(out, "PNG", **options)
    return out.getvalue()


def deep(value, size=(8, 6)):
    done, data = cv2.imencode(".png", np.full((size[1], size[0], 4), value, np.uint16))
    assert done
    return data.tobytes()


def common(stack):
    return {
        "mimetype": b"image/openraster",
        "stack.xml": stack.encode(),
        "mergedimage.png": plain(RED),
        "Thumbnails/thumbnail.png": plain(RED),
    }


KRITA = """<?xml version='1.0' encoding='UTF-8'?>
<image version="0.0.3" w="8" h="6" xres="300" yres="300" name="Unnamed">
 <stack composite-op="svg:src-over" opacity="1" name="root" visibility="visible" x="0" y="0" isolation="isolate">
  <layer visibility="visible" x="2" y="1" name="Linien" src="data/layer2.png" composite-op="svg:multiply"
         opacity="0.501961" edit-locked="true" selected="true"/>
  <stack composite-op="svg:src-over" opacity="1" name="Gruppe" visibility="hidden" x="0" y="0" isolation="auto">
   <layer visibility="visible" x="0" y="0" name="innen" src="data/layer1.png" composite-op="krita:gamma_dark"
          opacity="1"/>
  </stack>
  <layer visibility="visible" x="0" y="0" name="Hintergrund" src="data/layer0.png" composite-op="svg:src-over"
         opacity="1"/>
 </stack>
</image>
"""


def krita(path, make_zip, picture=plain):
    entries = common(KRITA)
    for number, size in enumerate([(8, 6), (8, 6), (3, 2)]):
        entries[f"data/layer{number}.png"] = picture(40000, size) if picture is deep else picture(RED, size)
    return make_zip(path, entries)


def test_krita(tmp_path, make_zip):
    opened = open_document(krita(tmp_path / "krita.ora", make_zip))
    below, group, lines = opened.document.layers
    assert (below.name, group.name, lines.name) == ("Hintergrund", "Gruppe", "Linien")
    assert isinstance(group, Group)
    assert isinstance(lines, PaintLayer)
    assert (group.visible, group.isolated, [child.name for child in group.children]) == (False, False, ["innen"])
    assert (lines.mode, lines.opacity, lines.locked) == (BlendMode.MULTIPLY, 0.501961, True)
    assert opened.document.active is lines
    assert opened.document.surface(lines.surface).bounds() == Rect(2, 1, 3, 2)
    assert opened.document.structure.dpi == 300
    assert opened.document.format is BGRA8
    assert [str(note) for note in opened.notes] == [
        "The layer “innen” has the blend mode “krita:gamma_dark”, which Scumble does not know. It is shown as Normal."
    ]


def test_krita_in_16_bits(tmp_path, make_zip):
    document = open_document(krita(tmp_path / "krita.ora", make_zip, deep)).document
    assert document.format is RGBA16
    layer = document.layers[0]
    assert isinstance(layer, PaintLayer)
    assert document.surface(layer.surface).read(Rect(0, 0, 1, 1))[0, 0, 3] == 40000


def test_a_profile_in_the_layers_is_the_documents(tmp_path, make_zip):
    stack = '<image w="8" h="6"><stack><layer name="a" src="data/layer0.png"/></stack></image>'
    path = make_zip(tmp_path / "a.ora", common(stack) | {"data/layer0.png": plain(RED, icc_profile=b"adobe")})
    assert open_document(path).document.structure.icc == b"adobe"


MYPAINT = """<?xml version='1.0' encoding='UTF-8'?>
<image w="8" h="6" xres="72" yres="72" version="0.0.5" xmlns:mypaint="http://mypaint.org/ns/openraster"
       mypaint:frame-active="false">
<stack isolation="isolate">
<layer x="1" y="1" src="data/000-Layer 1.png" name="Layer 1" opacity="0.5" visibility="visible" selected="true"
  composite-op="svg:plus" mypaint:strokemap="data/000-Layer 1.dat"/>
<filter type="unknown" name="Curves"/>
<layer x="0" y="0" src="data/background.png" name="background" opacity="1.0" visibility="visible"
  mypaint:background-tile="data/background_tile.png"/>
</stack>
</image>
"""


def test_mypaint(tmp_path, make_zip):
    entries = common(MYPAINT) | {
        "data/000-Layer 1.png": plain(BLUE, (4, 4)),
        "data/000-Layer 1.dat": b"strokes",
        "data/background.png": plain(RED),
        "data/background_tile.png": plain(RED, (64, 64)),
    }
    opened = open_document(make_zip(tmp_path / "mypaint.ora", entries))
    assert [str(note) for note in opened.notes] == ["“Curves” is not a layer of pixels and was left out."]
    below, above = opened.document.layers
    assert (below.name, below.mode) == ("background", BlendMode.NORMAL)
    assert (above.name, above.mode, above.opacity) == ("Layer 1", BlendMode.ADD, 0.5)
    save_document(opened.document.snapshot(), tmp_path / "again.ora")
    extras = open_document(tmp_path / "again.ora").document.structure.extras
    assert extras["data/000-Layer 1.dat"] == b"strokes"
    assert extras["data/background_tile.png"] == entries["data/background_tile.png"]
    import zipfile

    with zipfile.ZipFile(tmp_path / "again.ora") as archive:
        text = archive.read("stack.xml").decode()
    assert 'mypaint:strokemap="data/000-Layer 1.dat"' in text
    assert 'mypaint:background-tile="data/background_tile.png"' in text
    assert 'mypaint:frame-active="false"' in text


GIMP = """<?xml version='1.0' encoding='UTF-8'?>
<image h="6" w="8"><stack>
<layer composite-op="svg:luminosity" name="Ebene #1" opacity="0.35" src="data/001.png" visibility="hidden" x="-2" y="3"
/><layer name="Hintergrund" src="data/000.png"/></stack></image>"""


def test_gimp(tmp_path, make_zip):
    entries = common(GIMP) | {"data/000.png": plain(RED), "data/001.png": plain(BLUE)}
    opened = open_document(make_zip(tmp_path / "gimp.ora", entries))
    assert opened.notes == ()
    below, above = opened.document.layers
    assert (below.name, below.opacity, below.visible, below.mode) == ("Hintergrund", 1.0, True, BlendMode.NORMAL)
    assert (above.name, above.opacity, above.visible, above.mode) == ("Ebene #1", 0.35, False, BlendMode.LUMINOSITY)
    assert isinstance(above, PaintLayer)
    assert opened.document.surface(above.surface).bounds() == Rect(-2, 3, 8, 6)
    assert oracle.flatten(opened.document.snapshot(), Rect(0, 0, 1, 1)).ravel().tolist() == [0, 0, 255, 255]


def test_a_damaged_layer_leaves_the_others_whole(tmp_path, make_zip):
    entries = common(GIMP) | {"data/000.png": plain(RED), "data/001.png": plain(BLUE)[:-20]}
    opened = open_document(make_zip(tmp_path / "gimp.ora", entries))
    assert [str(note) for note in opened.notes] == [
        "The layer “Ebene #1” could not be read (it ends too early) and is empty."
    ]
    assert len(opened.document.layers) == 2
    del entries["data/001.png"]
    opened = open_document(make_zip(tmp_path / "gimp.ora", entries))
    assert [str(note) for note in opened.notes] == [
        "The layer “Ebene #1” could not be read (“data/001.png” is missing) and is empty."
    ]


@pytest.mark.parametrize(
    ("attribute", "note"),
    [
        (
            'scumble:mask="data/000.png"',
            "The mask of the layer “a” could not be read (it is not an 8-bit grey picture)",
        ),
        ('scumble:mask="nowhere"', "The mask of the layer “a” could not be read (“nowhere” is missing)"),
        ('scumble:recipe="stack.xml"', "The recipe of the layer “a” could not be read (it is not valid)"),
        ('scumble:recipe="newer.json"', "The recipe of the layer “a” could not be read (a newer Scumble wrote it)"),
        ('scumble:recipe="lost.json"', "The recipe of the layer “a” could not be read (“gone.png” is missing)"),
    ],
)
def test_damaged_additions_of_ours_cost_only_themselves(tmp_path, make_zip, attribute, note):
    stack = f'<image w="8" h="6"><stack><layer name="a" src="data/000.png" {attribute}/></stack></image>'
    recipe = '{"version": %d, "tool": "t", "plugin": "p", "box": [0, 0, 1, 1], "crop": "gone.png"}'
    entries = common(stack) | {
        "data/000.png": plain(RED),
        "newer.json": (recipe % 99).encode(),
        "lost.json": (recipe % 1).encode(),
    }
    opened = open_document(make_zip(tmp_path / "a.ora", entries))
    assert len(opened.notes) == 1
    assert str(opened.notes[0]).startswith(note)
    assert opened.document.memory == 256 * 256 * 4
