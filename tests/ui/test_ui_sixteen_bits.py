"""Everything in the window on a picture of 16 bits a channel: nothing stumbles, and nothing is rounded to 8 unasked."""

import numpy as np
import pytest
from PySide6.QtTest import QTest

from scumble.document import RGBA16, PaintLayer, Rect
from scumble.document.edits import add_layer, new_document, select
from scumble.files import open_document
from scumble.render import flatten
from scumble.ui.docks.layers import LayersDock


def noise(height=300, width=400):
    rng = np.random.default_rng(8)
    return RGBA16.from_straight(rng.integers(0, 65536, (height, width, 4)).astype(np.uint16))


@pytest.fixture
def deep(program):
    """A picture of 16 bits with finer steps than 8 bits have, seen at 100 %."""
    document = new_document(400, 300, RGBA16, background=(0.3, 0.6, 0.9), name="Ground")
    add_layer(document, "noise", pixels=noise())
    document.history.clear()
    session = program.window.open_document(document, None, "deep")
    QTest.qWait(10)
    program.window.commands.action("view.100").trigger()
    return session


def seen(session):
    return flatten(session.document.snapshot(), session.document.bounds)


def finer_than_8_bits(pixels):
    return bool((pixels % 257).any())


@pytest.mark.parametrize("tool", ["brush", "eraser", "smudge", "clone", "fill", "gradient", "mask", "select", "move"])
def test_every_stroke_works_and_is_undone_bit_for_bit(program, deep, hand, tool):
    before = seen(deep)
    try:
        hand.do(f"tool.{tool}")
    except KeyError:
        pytest.skip("there is no such tool")
    position = deep.document.history.position
    hand.drag((100, 100), (180, 140), (220, 180))
    QTest.qWait(10)
    deep.settle()
    for _ in range(deep.document.history.position - position):
        deep.document.history.undo()
    assert np.array_equal(seen(deep), before)


@pytest.mark.parametrize(
    "command",
    [
        *("edit.fill", "edit.clear", "edit.cut", "layer.duplicate", "layer.merge", "layer.flatten", "layer.mask"),
        *("layer.from-selection", "layer.cut-selection", "layer.merge-visible", "layer.clip", "layer.group"),
        *("image.flip-across", "image.rotate-right", "image.crop-selection", "select.invert"),
    ],
)
def test_every_command_works_and_is_undone_bit_for_bit(program, deep, hand, command):
    select(deep.document, Rect(50, 60, 120, 90), step="Select")
    before, position = seen(deep), deep.document.history.position
    try:
        action = program.window.commands.action(command)
    except KeyError:
        pytest.skip("there is no such command")
    if not action.isEnabled():
        pytest.skip("not for this picture")
    action.trigger()
    QTest.qWait(20)
    assert deep.document.format is RGBA16
    for layer in deep.document.layers:
        if isinstance(layer, PaintLayer):
            assert all(t.pixels.dtype == np.uint16 for t in deep.document.surface(layer.surface).tiles.values())
    while deep.document.history.position > position:
        deep.document.history.undo()
    assert np.array_equal(seen(deep), before)


def test_copy_and_paste_keep_16_bits(deep, hand):
    layer = deep.document.active
    before = deep.document.surface(layer.surface).read(deep.document.bounds)
    assert finer_than_8_bits(before)
    hand.do("edit.copy")
    hand.do("edit.paste")
    pasted = deep.document.surface(deep.document.active.surface).read(deep.document.bounds)
    assert deep.document.active is not layer
    assert np.array_equal(pasted, before)


def test_what_is_shown_is_the_picture(program, deep):
    canvas = program.window.canvas
    canvas.complete()
    QTest.qWait(20)
    image = canvas.grab().toImage()
    layer = deep.document.layers[1]
    from scumble.document.edits import set_layer

    set_layer(deep.document, layer.id, "x", visible=False)
    canvas.complete()
    QTest.qWait(20)
    middle = canvas.grab().toImage().pixelColor(canvas.rect().center())
    for found, wanted in zip(middle.getRgbF(), (0.3, 0.6, 0.9), strict=False):
        assert abs(found - wanted) < 0.01
    assert image.pixelColor(canvas.rect().center()) != middle


def test_thumbnails_are_made(program, deep, qtbot):
    dock = program.window.findChild(LayersDock)
    assert dock is not None
    QTest.qWait(100)
    assert not dock.grab().isNull()


def test_a_stroke_is_finer_than_8_bits(program, deep, hand):
    program.window.tools.set_foreground((0.1234, 0.5678, 0.9))
    hand.do("tool.brush")
    hand.drag((100, 100), (160, 100))
    stored = deep.document.surface(deep.surface).read(Rect(130, 100, 1, 1))[0, 0]
    assert abs(int(stored[0]) - round(0.1234 * 65535)) <= 40


@pytest.mark.parametrize("ending", ["ora", "png", "tif", "psd"])
def test_saving_and_exporting_keep_16_bits(program, deep, qtbot, tmp_path, ending):
    from scumble.files import Choices

    path = tmp_path / f"a.{ending}"
    if ending == "ora":
        program.files._write(deep, path, lambda: None)
    else:
        program.files.export_now(deep, path, Choices())
    qtbot.waitUntil(lambda: path.exists() and not program.files.saver.busy)
    document = open_document(path).document
    assert document.format is RGBA16
    after = flatten(document.snapshot(), document.bounds)
    assert np.abs(after.astype(int) - seen(deep)).max() <= 2
    assert finer_than_8_bits(after)


def test_the_preference_reduces_what_is_opened(program, deep, qtbot, tmp_path):
    from scumble.document import BGRA8
    from scumble.files import Choices, export_document

    export_document(deep.document.snapshot(), tmp_path / "a.png", choices=Choices())
    program.window.settings.set("files.sixteen-bit", "dither")
    program.files.open_paths([tmp_path / "a.png"])
    qtbot.waitUntil(lambda: len(program.window.sessions) == 2)
    assert program.window.sessions[1].document.format is BGRA8
    assert [note.text for note in program.window.messages.notes] == [
        "The picture has 16 bits a channel and was reduced to 8, as the preferences say."
    ]
