"""The colour dock in the real window: choosers, fields, palettes, recent colours, and what a restart brings back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QInputDialog

from scumble.files.palette import read_palette
from scumble.ui.colours.mixer import Mixer, hex_name, whole
from scumble.ui.colours.wheel import HueWheel, shares
from scumble.ui.pixmaps import CachedPixmap
from scumble.ui.shelf import bundled_files

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def dock(program):
    return colour_dock(program)


def colour_dock(program):
    outer = program.window.findChild(QDockWidget, "colour")
    outer.raise_()
    QTest.qWait(20)
    return outer.widget()


def click(widget, point):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPointF(point).toPoint())


def near(first, second, by=2):
    return all(abs(a - b) <= by for a, b in zip(whole(first), whole(second), strict=True))


# The mixer


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_the_mixer_gives_back_what_it_was_shown(parts):
    mixer = Mixer()
    colour = tuple(part / 255 for part in parts)
    mixer.show(colour)
    assert whole(mixer.colour) == parts


def test_grey_keeps_the_hue_and_black_the_saturation():
    mixer = Mixer()
    mixer.mix(0.6, 0.5, 0.5)
    mixer.show((0.5, 0.5, 0.5))
    assert (mixer.hue, mixer.saturation) == (0.6, 0.0)
    mixer.mix(saturation=0.7)
    mixer.show((0.0, 0.0, 0.0))
    assert (mixer.hue, mixer.saturation, mixer.value) == (0.6, 0.7, 0.0)


def test_what_comes_back_rounded_moves_nothing():
    mixer = Mixer()
    mixer.mix(0.123456, 0.0049, 0.777)
    heard = []
    mixer.changed.connect(lambda: heard.append(True))
    mixer.show(mixer.colour)
    assert (heard, mixer.saturation) == ([], 0.0049)


# The wheel


def test_a_press_in_the_wheel_takes_that_colour(program, dock, qtbot):
    dock.show_chooser("wheel")
    QTest.qWait(20)
    wheel, tools = dock.wheel, program.window.tools
    middle = wheel.radius() - wheel.thickness() / 2
    for turn in (10, 120, 260):
        angle = math.radians(turn)
        click(wheel, wheel.centre() + QPointF(math.cos(angle), -math.sin(angle)) * middle)
        assert wheel.mixer.hue * 360 == pytest.approx(turn, abs=2)
    hue, white, black = wheel.corners()
    click(wheel, hue + (wheel.centre() - hue) * 0.02)
    assert near(tools.foreground, QColor.fromHsvF(wheel.mixer.hue, 1, 1).toTuple()[:3], 300)
    assert wheel.mixer.saturation > 0.9
    assert wheel.mixer.value > 0.95
    click(wheel, white + (wheel.centre() - white) * 0.03)
    assert min(tools.foreground) > 0.9
    click(wheel, black + (wheel.centre() - black) * 0.03)
    assert max(tools.foreground) < 0.1


def test_what_the_wheel_shows_is_what_a_press_takes(program, dock):
    """The picture of the triangle and the mapping of the pointer agree, pixel by pixel."""
    dock.show_chooser("wheel")
    wheel, tools = dock.wheel, program.window.tools
    tools.set_foreground((0.1, 0.3, 0.9))
    wheel.resize(200, 180)
    for part_white, part_black in ((0.3, 0.3), (0.6, 0.1), (0.1, 0.7), (0.15, 0.2)):
        hue, white, black = wheel.corners()
        point = (hue * (1 - part_white - part_black) + white * part_white + black * part_black).toPoint()
        seen = wheel.grab().toImage().pixelColor(point)
        click(wheel, QPointF(point))
        assert near(tools.foreground, (seen.redF(), seen.greenF(), seen.blueF()), 3)


def test_a_drag_out_of_the_triangle_stays_on_its_edge(dock):
    dock.show_chooser("wheel")
    wheel = dock.wheel
    _hue, white, black = wheel.corners()
    wheel.take("triangle", (white + black) / 2 + QPointF(0, 500))
    assert wheel.mixer.saturation == pytest.approx(0.0, abs=1e-6)
    wheel.take("triangle", black + QPointF(400, 240))
    assert wheel.mixer.value == pytest.approx(0.0, abs=0.02)


@given(st.floats(-50, 250), st.floats(-50, 250))
def test_shares_are_parts_of_a_whole(x, y):
    corners = (QPointF(100, 10), QPointF(20, 150), QPointF(180, 150))
    pure, pale = shares(np.array(x), np.array(y), corners)
    assert 0.0 <= pure <= 1.0
    assert 0.0 <= pale <= 1.0
    assert pure + pale <= 1.0 + 1e-5


@pytest.mark.parametrize("kind", ["wheel", "square"])
def test_arrows_move_in_the_choosers(program, dock, kind):
    program.window.tools.set_foreground((0.8, 0.4, 0.4))
    dock.show_chooser(kind)
    chooser = getattr(dock, kind)
    hue, saturation, value = dock.mixer.hue, dock.mixer.saturation, dock.mixer.value
    QTest.keyClick(chooser, Qt.Key.Key_Right)
    QTest.keyClick(chooser, Qt.Key.Key_Down)
    QTest.keyClick(chooser, Qt.Key.Key_Up, SHIFT)
    assert dock.mixer.saturation == pytest.approx(saturation + 0.01)
    assert dock.mixer.value == pytest.approx(value - 0.01)
    assert dock.mixer.hue == pytest.approx((hue + 0.01) % 1)
    QTest.keyClick(chooser, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert dock.mixer.saturation == pytest.approx(saturation - 0.09)
    assert f"{round(dock.mixer.value * 100)} %" in chooser.accessibleDescription()
    assert program.window.tools.foreground == dock.mixer.colour


def test_a_drawing_is_made_once_for_what_it_shows(qapp):
    made = []
    cache = CachedPixmap()
    for key in ("a", "a", "b", "b", "a"):
        cache.get(QSizeF(10, 10), 2.0, key, lambda painter, area: made.append(QRectF(area)))
    assert made == [QRectF(0, 0, 10, 10)] * 3
    assert cache.get(QSizeF(10, 10), 2.0, "a", lambda *_: None).width() == 20


def test_changing_the_value_draws_no_gradient_again(program, dock, monkeypatch):
    dock.show_chooser("wheel")
    dock.wheel.grab()
    drawn = []
    for name in ("_draw_ring", "_draw_triangle"):
        real = getattr(HueWheel, name)
        monkeypatch.setattr(
            HueWheel, name, lambda self, *rest, real=real, name=name: (drawn.append(name), real(self, *rest))
        )
    dock.mixer.mix(value=0.5)
    dock.wheel.grab()
    assert drawn == []
    dock.mixer.mix(hue=0.5)
    dock.wheel.grab()
    assert drawn == ["_draw_triangle"]


# Sliders and fields


def test_each_slider_and_field_changes_its_channel(program, dock):
    tools = program.window.tools
    dock.show_chooser("sliders")
    QTest.qWait(20)
    tools.set_foreground((0.2, 0.4, 0.6))
    assert [field.value() for field in dock.sliders.fields] == [210, 67, 60, 51, 102, 153]
    dock.sliders.fields[3].setValue(255)
    assert whole(tools.foreground) == (255, 102, 153)
    dock.sliders.fields[0].setValue(120)
    assert whole(tools.foreground)[1] == 255
    dock.sliders.sliders[2].setValue(0)
    assert whole(tools.foreground) == (0, 0, 0)
    assert dock.sliders.fields[0].value() == 120
    slider = dock.sliders.sliders[4]
    click(slider, QPointF(slider.width() - 1, slider.height() / 2))
    assert whole(tools.foreground) == (0, 255, 0)
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert whole(tools.foreground) == (0, 254, 0)


@pytest.mark.parametrize(
    ("typed", "expected"), [("ff8000", "#ff8000"), ("#0af", "#00aaff"), ("12", "#336699"), ("", "#336699")]
)
def test_the_hex_field(program, dock, typed, expected):
    program.window.tools.set_foreground((0.2, 0.4, 0.6))
    dock.hex.selectAll()
    QTest.keyClicks(dock.hex, typed) if typed else QTest.keyClick(dock.hex, Qt.Key.Key_Delete)
    QTest.keyClick(dock.hex, Qt.Key.Key_Return)
    assert hex_name(program.window.tools.foreground) == expected
    assert dock.hex.text() == (expected if len(typed.lstrip("#")) in (3, 6) else dock.hex.text())


def test_choosers_are_switched_and_show_the_same_colour(program, dock):
    program.window.tools.set_foreground((230 / 255, 26 / 255, 77 / 255))
    for kind, button in zip(("square", "sliders", "wheel"), (1, 2, 0), strict=True):
        QTest.mouseClick(dock.kinds.buttons()[button], Qt.MouseButton.LeftButton)
        assert getattr(dock, kind).isVisible()
        assert whole(dock.mixer.colour) == (230, 26, 77)
    assert [button.isChecked() for button in dock.kinds.buttons()] == [True, False, False]


# Recent colours, palettes


def test_recent_colours_are_taken_by_mouse_and_keys(program, session, hand, dock):
    tools = program.window.tools
    for colour in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)):
        tools.set_foreground(colour)
        hand.drag((50, 50), (60, 50))
    assert [entry.colour for entry in dock.recent.swatches.swatches] == [(0.0, 1.0, 0.0), (1.0, 0.0, 0.0)]
    QTest.qWait(20)
    where = dock.recent.visualRect(dock.recent.swatches.index(1)).center()
    QTest.mouseClick(dock.recent.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert tools.foreground == (1.0, 0.0, 0.0)
    dock.recent.setCurrentIndex(dock.recent.swatches.index(0))
    QTest.keyClick(dock.recent, Qt.Key.Key_Return)
    assert tools.foreground == (0.0, 1.0, 0.0)
    assert dock.recent.swatches.data(dock.recent.swatches.index(0), Qt.ItemDataRole.AccessibleTextRole) == "#00ff00"


def test_bundled_palettes_are_whole():
    files = bundled_files("palettes", ".gpl")
    assert len(files) >= 4
    names = set()
    for name, data in files.items():
        palette = read_palette(data, name)
        assert len(palette.swatches) % palette.columns == 0, name
        assert all(entry.name for entry in palette.swatches), name
        names.add(palette.name)
    assert len(names) == len(files)


def test_adding_naming_and_removing_colours(program, dock, paths):
    panel, tools = dock.palette_panel, program.window.tools
    palettes = panel._palettes
    before = palettes.palette.swatches
    tools.set_foreground((0.123, 0.456, 0.789))
    QTest.mouseClick(panel.add, Qt.MouseButton.LeftButton)
    assert palettes.palette.swatches[:-1] == before
    assert whole(palettes.palette.swatches[-1].colour) == whole(tools.foreground)
    QTest.mouseClick(panel.add, Qt.MouseButton.LeftButton)
    assert len(palettes.palette.swatches) == len(before) + 1
    palettes.name_colour(len(before), "Mine")
    assert b"Mine" in (paths.palettes / "essentials.gpl").read_bytes()
    panel.view.setCurrentIndex(panel.view.swatches.index(len(before)))
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    assert palettes.palette.swatches == before
    palettes.drop()
    assert not (paths.palettes / "essentials.gpl").exists()
    assert palettes.palette.swatches == before


def drag_swatch(view, number: int, place: QPoint, *, steps: int = 4) -> None:
    """Drags one by the mouse, without letting go."""
    start = view.visualRect(view.swatches.index(number)).center()
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for step in range(1, steps + 1):
        at = QPointF(start + (place - start) * step / steps)
        event = QMouseEvent(QEvent.Type.MouseMove, at, view.viewport().mapToGlobal(at), left, left, none)
        QApplication.sendEvent(view.viewport(), event)


def test_colours_are_put_in_order_by_dragging_and_by_key(program, dock, paths):
    panel = dock.palette_panel
    view, palettes = panel.view, panel._palettes
    first = palettes.palette.swatches
    target = view.visualRect(view.swatches.index(5))
    drag_swatch(view, 1, QPoint(target.right() - 1, target.center().y()))
    plain = view.viewport().grab().toImage()
    assert palettes.palette.swatches == first
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=target.center())
    assert view.viewport().grab().toImage() != plain
    moved = palettes.palette.swatches
    assert moved == (first[0], *first[2:6], first[1], *first[6:])
    assert view.currentIndex().row() == 5
    control = Qt.KeyboardModifier.ControlModifier
    for _ in range(4):
        QTest.keyClick(view, Qt.Key.Key_Left, control)
    assert palettes.palette.swatches == first
    QTest.keyClick(view, Qt.Key.Key_Right, control)
    assert palettes.palette.swatches == (first[0], first[2], first[1], *first[3:])
    QTest.keyClick(view, Qt.Key.Key_Left, control)
    view.setCurrentIndex(view.swatches.index(0))
    QTest.keyClick(view, Qt.Key.Key_Left, control)
    assert palettes.palette.swatches == first
    palettes.drop()


def test_a_colour_that_is_dragged_may_go_to_the_end_or_be_let_go(program, dock):
    panel = dock.palette_panel
    view, palettes = panel.view, panel._palettes
    first = palettes.palette.swatches
    beyond = QPoint(10, view.visualRect(view.swatches.index(len(first) - 1)).bottom() + 20)
    drag_swatch(view, 0, beyond)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=beyond)
    assert palettes.palette.swatches == first
    drag_swatch(view, 0, beyond)
    view.viewport().grab()
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=beyond)
    assert palettes.palette.swatches == (*first[1:], first[0])
    palettes.drop()
    view.scrollToTop()
    drag_swatch(view, 3, QPoint(3, -5))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(3, -5))
    assert palettes.palette.swatches == (first[3], *first[:3], *first[4:])
    palettes.drop()
    recent = dock.recent
    program.window.tools.remember_colour()
    assert not recent.movable


def answer(text: str) -> None:
    dialog = next(w for w in _tops() if isinstance(w, QInputDialog) and w.isVisible())
    dialog.setTextValue(text)
    dialog.accept()
    QTest.qWait(10)


def _tops():
    from PySide6.QtWidgets import QApplication

    return QApplication.topLevelWidgets()


def choose(menu, start):
    menu.aboutToShow.emit()
    action = next(action for action in menu.actions() if action.text().startswith(start))
    assert action.isEnabled(), start
    action.trigger()


def test_the_menu_makes_renames_and_deletes_palettes(program, dock, paths):
    panel = dock.palette_panel
    choose(panel.menu, "New")
    answer("  My   reds ")
    assert panel.names.currentText() == "My reds"
    assert panel.view.swatches.swatches == ()
    choose(panel.menu, "Rename")
    answer("Ünïcode")
    assert panel.names.currentText() == "Ünïcode"
    files = list(paths.palettes.iterdir())
    assert [read_palette(file.read_bytes(), "").name for file in files] == ["Ünïcode"]
    choose(panel.menu, "Delete")
    assert list(paths.palettes.iterdir()) == []
    assert panel.names.currentText() == "Essentials"
    panel.menu.aboutToShow.emit()
    reset = next(action for action in panel.menu.actions() if "Reset" in action.text())
    assert not reset.isEnabled()


def test_import_and_export(program, dock, tmp_path):
    panel = dock.palette_panel
    out = tmp_path / "out.gpl"
    panel._palettes.write(out)
    text = out.read_bytes()
    assert read_palette(text, "out.gpl") == panel._palettes.palette
    out.write_bytes(text.replace(b"Name: Essentials", b"Name: Come back"))
    panel.import_files([str(out)])
    assert panel.names.currentText() == "Come back"
    broken = tmp_path / "broken.gpl"
    broken.write_bytes(b"GIMP Palette\nnonsense\n")
    panel.import_files([str(broken), str(tmp_path / "missing.gpl")])
    notes = [note.text for note in program.window.messages.notes]
    assert any("broken.gpl" in note for note in notes)
    assert any("missing.gpl" in note for note in notes)
    assert panel.names.currentText() == "Come back"


def test_a_disk_that_refuses_changes_nothing(program, dock, paths):
    paths.palettes.parent.mkdir(parents=True, exist_ok=True)
    paths.palettes.write_text("a file where the folder should be")
    before = dock.palette_panel._palettes.palette
    program.window.tools.set_foreground((0.11, 0.22, 0.33))
    QTest.mouseClick(dock.palette_panel.add, Qt.MouseButton.LeftButton)
    assert dock.palette_panel._palettes.palette == before
    assert any("could not be kept" in note.text for note in program.window.messages.notes)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_background_is_chosen_from_a_swatch(program, dock):
    panel = dock.palette_panel
    panel.view.menu_wanted.emit(12, QPoint(10, 10))
    menu = next(w for w in _tops() if w.inherits("QMenu") and w.isVisible())
    next(action for action in menu.actions() if "background" in action.text()).trigger()
    menu.close()
    assert program.window.tools.background == panel._palettes.palette.swatches[12].colour


# A restart


def test_a_restart_brings_colours_chooser_and_palettes_back(start, paths, hand):
    program = start()
    dock, tools = colour_dock(program), program.window.tools
    dock.show_chooser("sliders")
    for red in (0.2, 0.4, 0.6):
        tools.set_foreground((red, 0.0, 1.0))
        tools.remember_colour()
    tools.set_background((0.0, 0.5, 0.0))
    tools.set_foreground((0.25, 0.5, 0.75))
    dock.palette_panel._palettes.make("Kept")
    dock.palette_panel._palettes.add((1.0, 0.5, 0.0), "Orange")
    recent, kept = tools.recent, dock.palette_panel._palettes.palette
    program.close()
    again = start()
    dock, tools = colour_dock(again), again.window.tools
    assert (tools.foreground, tools.background, tools.recent) == ((0.25, 0.5, 0.75), (0.0, 0.5, 0.0), recent)
    assert dock.sliders.isVisible()
    assert whole(dock.mixer.colour) == whole((0.25, 0.5, 0.75))
    found = dock.palette_panel._palettes.palette
    assert (found.name, whole(found.swatches[0].colour), found.swatches[0].name) == (
        kept.name,
        whole((1.0, 0.5, 0.0)),
        "Orange",
    )


def test_broken_palettes_are_told_of_and_left_alone(start, paths):
    paths.palettes.mkdir(parents=True)
    (paths.palettes / "bad.gpl").write_bytes(b"\x00\x01\xff")
    (paths.palettes / "good.gpl").write_bytes(b"GIMP Palette\nName: Good\n1 2 3\n")
    program = start()
    assert any("bad.gpl" in note.text for note in program.window.messages.notes)
    names = colour_dock(program).palette_panel.names
    assert names.findText("Good") >= 0
    assert (paths.palettes / "bad.gpl").read_bytes() == b"\x00\x01\xff"


@pytest.mark.parametrize(
    "kept",
    [
        b"[]",
        b"not json",
        b'{"version": 99, "values": {}}',
        b'{"version": 1, "values": {"foreground": [2, 0, 0], "recent": [[1, 2], "x", [null, 0, 0]], "chooser": 7, "brushes": {"brush": {"size": -4}, "nobody": {}, "eraser": []}, "palette": "gone", "presets": {"brush": 5}}}',  # noqa: E501
    ],
)
def test_what_cannot_be_used_of_what_was_kept_is_passed_over(start, paths, kept):
    from scumble.settings import Memory

    Memory(paths.config / "memory.json").keep_blob("painting", kept)
    program = start()
    tools = program.window.tools
    assert (tools.foreground, tools.recent, tools.brush.size) == ((0.0, 0.0, 0.0), (), 24.0)
    assert colour_dock(program).wheel.isVisible()
