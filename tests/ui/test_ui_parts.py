from __future__ import annotations

import logging

import numpy as np
import pytest
from numpy import array_equal as same
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest

from scumble.document import BGRA8, Rect
from scumble.document.edits import new_document, select
from scumble.render.compositor import at_level
from scumble.ui.canvas.outline import SelectionOutline
from scumble.ui.canvas.tiles import level_of, mask_at_level
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.colours.mixer import Mixer, from_qcolor, to_qcolor
from scumble.ui.colours.square import HueSquare
from scumble.ui.commands import Command, Commands
from scumble.ui.icons import Icons
from scumble.ui.theme import load_theme, style_sheet
from scumble.ui.toolstate import MAX_SIZE, ToolState
from scumble.ui.widgets import SliderField


@pytest.mark.parametrize(
    ("zoom", "level"), [(64, 0), (1, 0), (0.99, 0), (0.51, 0), (0.5, 1), (0.33, 1), (0.25, 2), (1 / 64, 6)]
)
def test_the_level_shrinks_by_less_than_half(zoom, level):
    assert level_of(zoom) == level
    assert zoom * 2**level > 0.5 or level == 0 or zoom * 2**level == 1


@pytest.mark.parametrize("level", [0, 1, 3, 6, 8])
def test_a_mask_at_a_level_is_every_nth_value(level):
    rng = np.random.default_rng(3)
    document = new_document(1200, 700, BGRA8, background=None, name="Layer")
    values = rng.integers(0, 256, (700, 1200), np.uint8)
    select(document, document.bounds, values)
    place = at_level(Rect(100, 50, 900, 600), level)
    found = mask_at_level(document.selection, place, level)
    step = 1 << level
    whole = document.selection.read(Rect(place.x * step, place.y * step, place.width * step, place.height * step))
    assert same(found, whole[::step, ::step])


def test_the_outline_runs_round_the_selection(qapp):
    document = new_document(200, 200, BGRA8, background=None, name="Layer")
    select(document, Rect(20, 30, 40, 50))
    outline = SelectionOutline(document)
    view = Viewport((200, 200), (400, 400)).zoomed(2.0).moved(-1000, -1000).moved(352, 352)
    image = QImage(400, 400, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    painter = QPainter(image)
    outline.paint(painter, view)
    painter.end()
    seen = view.to_view_rect(Rect(20, 30, 40, 50))
    red = QColor("red")
    for x, y in ((seen.left(), seen.center().y()), (seen.center().x(), seen.top()), (seen.right(), seen.bottom())):
        assert image.pixelColor(int(x), int(y)) != red
    assert image.pixelColor(seen.center().toPoint()) == red
    assert QRectF(outline.region(view).boundingRect()).contains(seen)
    outline.shown = False
    assert outline.region(view).isEmpty()


@pytest.mark.parametrize("zoom", [0.3, 0.5, 1.0, 3.0])
def test_the_outline_is_where_neighbours_differ_and_moves(qapp, zoom):
    document = new_document(600, 500, BGRA8, background=None, name="Layer")
    inside = np.kron(np.random.default_rng(4).integers(0, 2, (10, 12), np.uint8), np.ones((50, 50), np.uint8))
    select(document, document.bounds, inside * 255)
    outline = SelectionOutline(document)
    view = Viewport((600, 500), (700, 600)).zoomed(zoom)
    frames = []
    for _ in range(4):
        image = QImage(700, 600, QImage.Format.Format_RGB32)
        image.fill(QColor("red"))
        with QPainter(image) as painter:
            outline.paint(painter, view)
        frames.append(np.frombuffer(image.constBits(), np.uint32).reshape(600, 700).copy())
        outline.step()
    x, y = (np.arange(-1, side, dtype=float) for side in view.size)
    columns = np.floor((x + 0.5 - view.origin[0]) / zoom).astype(int)
    rows = np.floor((y + 0.5 - view.origin[1]) / zoom).astype(int)
    step = 1 << level_of(zoom)
    framed = np.zeros((1500, 1600), bool)
    framed[500:1000, 500:1100] = np.repeat(np.repeat(inside[::step, ::step], step, 0), step, 1)[:500, :600]
    seen = framed[np.clip(rows + 500, 0, 1499)][:, np.clip(columns + 500, 0, 1599)]
    here = seen[1:, 1:]
    expected = (here != seen[1:, :-1]) | (here != seen[:-1, 1:]) | (here != seen[:-1, :-1])
    for frame in frames:
        assert same(frame != 0xFFFF0000, expected)
    assert set(np.unique(frames[0][expected])) == {0xFF000000, 0xFFFFFFFF}
    assert not same(frames[0], frames[3])


def test_no_selection_has_no_outline(qapp):
    document = new_document(200, 200, BGRA8, background=None, name="Layer")
    assert SelectionOutline(document).region(Viewport((200, 200), (400, 400))).isEmpty()


def test_a_selection_of_specks_is_repainted_as_one(qapp):
    document = new_document(400, 400, BGRA8, background=None, name="Layer")
    select(document, document.bounds, np.random.default_rng(1).integers(0, 2, (400, 400), np.uint8) * 255)
    assert SelectionOutline(document).region(Viewport((400, 400), (400, 400))).rectCount() == 1


def test_commands_are_refreshed_guarded_and_unique(qapp):
    commands = Commands(Icons(load_theme()))
    done: list[str] = []
    commands.set_guard(lambda act: (done.append("guard"), act()))
    command = Command("a", "&Do…", shortcuts=("Ctrl+K",), enabled=lambda session: session is not None)
    action = commands.add(command, lambda: done.append("done"))
    assert not action.isEnabled()
    assert action.toolTip().startswith("Do  (")
    commands.refresh(object())
    action.trigger()
    assert done == ["guard", "done"]
    with pytest.raises(ValueError, match="already"):
        commands.add(command, lambda: None)


def test_the_style_sheet_names_no_colour_that_is_not_there():
    theme = load_theme()
    assert "@" not in style_sheet(theme)
    for name in theme.colours:
        assert theme.colour(name).isValid(), name


def test_icons_take_the_colour_of_their_state(qapp):
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QIcon

    theme = load_theme()
    icon = Icons(theme).icon("layer-add")

    def middle(mode):
        image = icon.pixmap(QSize(48, 48), 1.0, mode).toImage()
        return image.pixelColor(24, 24)

    assert middle(QIcon.Mode.Normal) == theme.colour("text")
    assert middle(QIcon.Mode.Disabled) == theme.colour("disabled")
    assert Icons(theme).icon("no such icon").isNull()


def test_a_slider_field_keeps_both_sides_together(qtbot):
    field = SliderField("Size", 1, 1000, curve=3.0)
    qtbot.addWidget(field)
    heard: list[float] = []
    field.changed.connect(heard.append)
    field.show_value(125)
    assert heard == []
    assert field.slider.value() == pytest.approx(1000 * (124 / 999) ** (1 / 3), abs=1)
    field.slider.setValue(1000)
    assert (field.value, heard) == (1000, [1000])
    field.field.setValue(1)
    assert field.slider.value() == 0


def test_brush_sizes_have_limits_and_tools_their_own_brush(qapp):
    tools = ToolState()
    tools.change_brush(size=1e9)
    assert tools.brush.size == MAX_SIZE
    for _ in range(200):
        tools.resize_brush(-1)
    assert tools.brush.size == 1
    tools.set_tool("eraser")
    assert tools.brush.size == 48
    tools.set_tool("move")
    assert tools.brush == tools.brush_of("brush")


def test_recent_colours_are_remembered_once(qapp):
    tools = ToolState()
    for red in (0.1, 0.2, 0.1):
        tools.set_foreground((red, 0.0, 0.0))
        tools.remember_colour()
    assert tools.recent == ((0.1, 0.0, 0.0), (0.2, 0.0, 0.0))


def test_the_square_keeps_its_hue_through_grey(qtbot):
    mixer = Mixer()
    square = HueSquare(mixer, load_theme())
    qtbot.addWidget(square)
    square.resize(200, 120)
    mixer.show(from_qcolor(QColor.fromHsvF(0.6, 0.5, 0.5)))
    mixer.show(from_qcolor(QColor(80, 80, 80)))
    heard = []
    mixer.mixed.connect(heard.append)
    from PySide6.QtCore import QPoint, Qt

    QTest.mousePress(square, Qt.MouseButton.LeftButton, pos=QPoint(int(square.square().right()) - 1, 5))
    assert to_qcolor(heard[0]).hsvHueF() == pytest.approx(0.6, abs=0.01)


def test_what_nobody_caught_is_told_and_logged(program, caplog):
    with caplog.at_level(logging.ERROR, "scumble"):
        try:
            raise RuntimeError("a surprise")
        except RuntimeError as error:
            program.report(type(error), error, error.__traceback__)
    assert "a surprise" in caplog.text
    assert len(program.window.messages.notes) == 1


def luminance(colour):
    """Relative luminance, by WCAG 2.2."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(theme, first, second):
    low, high = sorted((luminance(theme.colour(first)), luminance(theme.colour(second))))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("ink", "grounds"),
    [
        ("text", ("canvas", "window", "panel", "field", "raised", "hover", "note", "selected")),
        ("muted", ("canvas", "window", "panel", "field", "raised")),
        ("warning", ("window", "panel", "field")),
        ("error", ("window", "panel", "field")),
        ("accent-text", ("accent", "accent-deep")),
    ],
)
def test_every_text_can_be_read(ink, grounds):
    """At least 4.5 to 1, as WCAG 2.2 asks for at level AA."""
    theme = load_theme()
    poor = {ground: round(contrast(theme, ink, ground), 2) for ground in grounds if contrast(theme, ink, ground) < 4.5}
    assert not poor
