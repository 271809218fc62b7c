"""A document with a profile of its own: shown, painted, picked, copied and generated in the right colours."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from PySide6.QtCore import QRect
from PySide6.QtGui import QColorSpace, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from scumble.api import Candidate, Input, Tool
from scumble.document import BGRA8, RGBA16, Document, Rect
from scumble.document.edits import add_layer, add_mask, select, set_structure
from scumble.files import open_document
from scumble.generation import Region, apply, prepare
from scumble.generation.colours import Colours
from scumble.render import Budget, flatten
from scumble.render.profile import Profile, colour_space
from scumble.ui.dialogs.new_picture import NewPicture
from scumble.ui.modes import Modes

ADOBE = bytes(QColorSpace(QColorSpace.NamedColorSpace.AdobeRgb).iccProfile().data())
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
INSIDE = (0.55, 0.45, 0.4)
"""A colour of Adobe RGB that sRGB has too."""


def seen_in_srgb(colour, icc=ADOBE):
    """By LittleCMS, which the screen's road does not use."""
    own = ImageCms.ImageCmsProfile(__import__("io").BytesIO(icc))
    image = Image.new("RGB", (1, 1), tuple(round(part * 255) for part in colour))
    made = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"))
    return made.getpixel((0, 0))


def of_colour(colour, icc, pixel_format=BGRA8, side=300):
    document = Document(side, side, pixel_format)
    pixels = np.empty((side, side, 4), pixel_format.dtype)
    pixels[:] = pixel_format.solid(*colour)
    add_layer(document, "a", pixels=pixels)
    set_structure(document, replace(document.structure, icc=icc), "Profile")
    document.history.clear()
    return document


def shown(program, x=150, y=150):
    """The colour on the screen at a place of the document."""
    canvas = program.window.canvas
    canvas.complete()
    QTest.qWait(20)
    colour = canvas.grab().toImage().pixelColor(canvas.viewport.to_view(x, y).toPoint())
    return colour.red(), colour.green(), colour.blue()


def close(one, other, most=2):
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= most


@pytest.mark.parametrize("icc", [b"", SRGB, b"no profile at all"])
def test_srgb_pays_nothing(icc):
    assert not Profile(icc).converts
    assert Profile(icc).to_screen(INSIDE) == INSIDE


def test_profiles_of_the_fixtures_are_srgb():
    data = Path(__file__).parents[1] / "files" / "data"
    for name in ("gimp.psd", "krita.psd"):
        icc = open_document(data / name).document.structure.icc
        assert icc
        assert not Profile(icc).converts


def test_a_profile_agrees_with_littlecms():
    profile = Profile(ADOBE)
    assert profile.converts
    for colour in (INSIDE, (0.2, 0.3, 0.25), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)):
        made = [part * 255 for part in profile.to_screen(colour)]
        assert close(made, seen_in_srgb(colour))
        again = profile.from_screen(profile.to_screen(colour))
        assert np.allclose(again, colour, atol=0.01)
    assert max(profile.to_screen((0.0, 1.0, 0.0))) <= 1.0


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16])
@pytest.mark.parametrize("zoom", ["view.100", "view.fit"])
def test_the_canvas_shows_the_profile(program, pixel_format, zoom):
    program.window.open_document(of_colour(INSIDE, ADOBE, pixel_format, 1400), None, "a")
    QTest.qWait(10)
    program.window.commands.action(zoom).trigger()
    canvas = program.window.canvas
    canvas.complete()
    QTest.qWait(20)
    colour = canvas.grab().toImage().pixelColor(canvas.rect().center())
    found = (colour.red(), colour.green(), colour.blue())
    assert close(found, seen_in_srgb(INSIDE))
    assert not close(found, tuple(round(part * 255) for part in INSIDE))


def test_another_profile_repaints(program):
    document = of_colour(INSIDE, b"")
    program.window.open_document(document, None, "a")
    QTest.qWait(10)
    canvas = program.window.canvas
    middle = canvas.rect().center()
    before = canvas.grab().toImage().pixelColor(middle)
    set_structure(document, replace(document.structure, icc=ADOBE), "Profile")
    QTest.qWait(20)
    canvas.complete()
    after = canvas.grab().toImage().pixelColor(middle)
    assert close((before.red(), before.green(), before.blue()), [part * 255 for part in INSIDE])
    assert close((after.red(), after.green(), after.blue()), seen_in_srgb(INSIDE))
    document.history.undo()
    canvas.complete()
    assert canvas.grab().toImage().pixelColor(middle) == before


def test_a_stroke_has_the_colour_that_was_chosen_and_the_picker_gives_it_back(program, hand):
    session = program.window.open_document(of_colour((1.0, 1.0, 1.0), ADOBE), None, "a")
    QTest.qWait(10)
    wanted = (0.6, 0.4, 0.3)
    program.window.tools.set_foreground(wanted)
    hand.drag((100, 150), (200, 150))
    stored = session.document.format.to_straight(flatten(session.document.snapshot(), Rect(150, 150, 1, 1)))[0, 0]
    assert close(stored[:3].tolist(), [part * 255 for part in Profile(ADOBE).from_screen(wanted)])
    assert not close(stored[:3].tolist(), [part * 255 for part in wanted])
    program.window.tools.set_foreground((0.0, 0.0, 0.0))
    hand.do("tool.picker")
    hand.press(150, 150)
    hand.release(150, 150)
    assert np.allclose(program.window.tools.foreground, wanted, atol=0.012)


def test_copying_within_a_document_changes_no_pixel(program, hand):
    rng = np.random.default_rng(2)
    document = of_colour((0.1, 0.9, 0.1), ADOBE)
    with document.history.transaction("noise") as edit:
        edit.put(
            document.active.surface, document.bounds, BGRA8.from_straight(rng.integers(0, 256, (300, 300, 3), np.uint8))
        )
    session = program.window.open_document(document, None, "a")
    before = flatten(document.snapshot(), document.bounds)
    hand.do("edit.copy")
    hand.do("edit.paste")
    assert len(document.layers) == 2
    pasted = document.surface(document.active.surface).read(document.bounds)
    assert np.array_equal(pasted, before)
    assert session.document is document


def test_pasting_elsewhere_converts(program, hand):
    program.window.open_document(of_colour(INSIDE, ADOBE), None, "a")
    hand.do("edit.copy")
    other = program.files.create(NewPicture(300, 300, None))
    hand.do("edit.paste")
    pasted = other.document.surface(other.document.active.surface).read(Rect(0, 0, 1, 1))
    assert close(other.document.format.to_straight(pasted)[0, 0, :3].tolist(), seen_in_srgb(INSIDE))


def test_what_comes_without_a_profile_is_srgb(program, hand, qapp):
    image = QImage(300, 300, QImage.Format.Format_RGB32)
    image.fill(0xFF996644)
    qapp.clipboard().setImage(image)
    session = program.window.open_document(of_colour((1.0, 1.0, 1.0), ADOBE), None, "a")
    hand.do("edit.paste")
    seen = session.profile.to_screen(session.colour_at(150, 150))
    assert np.allclose(seen, (0x99 / 255, 0x66 / 255, 0x44 / 255), atol=0.012)


# Models


def test_a_model_sees_srgb_and_its_answer_comes_back():
    document = of_colour(INSIDE, ADOBE, side=64)
    select(document, Rect(16, 16, 32, 32))
    tool = Tool(
        id="t",
        title="T",
        inputs=(Input(name="image", kind="canvas"), Input(name="mask", kind="selection")),
        result="masked-layer",
    )
    region = Region(document.bounds, (64, 64))
    seen = flatten(document.snapshot(), document.bounds)
    prepared = prepare("1", tool, {}, document, region, seen, plugin="p")
    picture = prepared.job.inputs["image"]
    assert close(picture[30, 30].tolist(), seen_in_srgb(INSIDE))
    before = seen
    apply(document, prepared, Candidate(np.array(picture), 0))
    after = flatten(document.snapshot(), document.bounds)
    assert np.abs(after.astype(int) - before).max() <= 2
    outside = np.ones((64, 64), bool)
    outside[16:48, 16:48] = False
    assert np.array_equal(after[outside], before[outside])


@pytest.mark.parametrize("icc", [b"", b"nonsense"])
def test_no_profile_is_no_conversion(icc):
    picture = np.random.default_rng(0).integers(0, 256, (5, 5, 3), np.uint8)
    assert Colours(icc).to_model(picture) is picture
    assert Colours(icc).from_model(picture) is picture


def test_alpha_is_kept_on_the_way_to_a_model():
    picture = np.random.default_rng(0).integers(0, 256, (5, 5, 4), np.uint8)
    assert np.array_equal(Colours(ADOBE).to_model(picture)[..., 3], picture[..., 3])


def test_a_part_of_an_image_is_shown_without_touching_it():
    image = QImage(8, 8, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0xFF8899AA)
    piece = Profile(ADOBE).shown(image, QRect(2, 2, 3, 3))
    assert (piece.width(), piece.height()) == (3, 3)
    assert image.pixel(3, 3) == 0xFF8899AA
    assert piece.pixel(0, 0) != 0xFF8899AA
    assert colour_space(b"") == QColorSpace(QColorSpace.NamedColorSpace.SRgb)


# Commands


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16])
def test_converting_keeps_what_is_seen_and_is_one_step(program, hand, qtbot, pixel_format):
    document = of_colour(INSIDE, ADOBE, pixel_format)
    half = np.empty((40, 40, 4), pixel_format.dtype)
    half[:] = pixel_format.solid(0.2, 0.3, 0.25, 0.5)
    add_layer(document, "half", pixels=half, origin=(290, 5))
    document.history.clear()
    session = program.window.open_document(document, None, "a")
    before = flatten(document.snapshot(), document.bounds)
    hand.do("image.convert-srgb")
    qtbot.waitUntil(lambda: document.structure.icc == b"")
    assert document.history.position == 1
    stored = document.format.to_straight(flatten(document.snapshot(), Rect(150, 150, 1, 1)))[0, 0, :3]
    assert close(stored.tolist(), seen_in_srgb(INSIDE))
    inner = document.surface(document.layers[1].surface).read(Rect(300, 10, 1, 1))
    assert close(document.format.to_straight(inner)[0, 0, :3].tolist(), seen_in_srgb((0.2, 0.3, 0.25)), 3)
    assert document.format.to_straight(inner)[0, 0, 3] in (127, 128)
    assert not session.profile.converts
    assert not program.window.commands.action("image.convert-srgb").isEnabled()
    document.history.undo()
    assert np.array_equal(flatten(document.snapshot(), document.bounds), before)
    assert document.structure.icc == ADOBE


def test_converting_leaves_masks_alone(program, hand, qtbot):
    document = of_colour(INSIDE, ADOBE)
    select(document, Rect(0, 0, 50, 50), 100)
    add_mask(document, document.active.id)
    program.window.open_document(document, None, "a")
    hand.do("image.convert-srgb")
    qtbot.waitUntil(lambda: document.structure.icc == b"")
    assert document.surface(document.layers[0].mask).read(Rect(0, 0, 1, 1))[0, 0] == 100
    assert document.selection.read(Rect(0, 0, 1, 1))[0, 0] == 100


def test_a_picture_that_changed_meanwhile_stays_as_it_is(program, hand, qtbot):
    document = of_colour(INSIDE, ADOBE)
    session = program.window.open_document(document, None, "a")
    program.window.commands.action("image.convert-srgb").trigger()
    add_layer(document, "new")
    qtbot.waitUntil(lambda: bool(program.window.messages.notes))
    assert "was changed while" in program.window.messages.notes[0].text
    assert session.document.structure.icc == ADOBE


def test_assigning_keeps_the_numbers(program, hand, tmp_path):
    session = program.window.open_document(of_colour(INSIDE, b""), None, "a")
    before = flatten(session.document.snapshot(), session.document.bounds)
    (tmp_path / "adobe.icc").write_bytes(ADOBE)
    hand.do("image.assign-profile")
    (asked,) = program.window.findChildren(QFileDialog)
    asked.fileSelected.emit(str(tmp_path / "adobe.icc"))
    asked.reject()
    assert session.document.structure.icc == ADOBE
    assert session.profile.converts
    assert np.array_equal(flatten(session.document.snapshot(), session.document.bounds), before)
    hand.do("image.assign-srgb")
    assert session.document.structure.icc == b""
    assert session.document.history.position == 2


@pytest.mark.parametrize("data", [b"", b"nothing", None])
def test_what_is_no_profile_is_refused(program, hand, tmp_path, data):
    session = program.window.open_document(of_colour(INSIDE, b""), None, "a")
    path = tmp_path / "bad.icc"
    if data is not None:
        path.write_bytes(data)
    hand.do("image.assign-profile")
    program.window.findChildren(QFileDialog)[0].fileSelected.emit(str(path))
    program.window.findChildren(QFileDialog)[0].reject()
    assert "holds no colour profile" in program.window.messages.notes[0].text
    assert session.document.structure.icc == b""


def test_what_is_transformed_keeps_its_colours_while_it_is_dragged(program):
    program.window.open_document(of_colour(INSIDE, ADOBE), title="Wide")
    expected = shown(program)
    assert close(expected, seen_in_srgb(INSIDE))
    program.window.commands.action("tool.transform").trigger()
    mode = program.window.findChild(Modes).mode
    mode.nudge(7, 3)
    canvas = program.window.canvas
    canvas._live.prepare(canvas.viewport, canvas.rect(), Budget())
    assert mode.shape.matrix[0, 2] == 7
    assert shown(program) == expected
    mode.give_up()
    assert shown(program) == expected
