"""The profile of the screen: from a file that the settings name, and from an X server."""

from __future__ import annotations

import ctypes
import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColorSpace, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget

from scumble.api import ScumbleError
from scumble.document import BGRA8
from scumble.document.edits import new_document, set_structure
from scumble.render import Budget
from scumble.render.profile import Profile
from scumble.ui import screenprofile
from scumble.ui.docks.colour import ColourDock
from scumble.ui.docks.layers import LayersDock
from scumble.ui.docks.navigator import NavigatorDock
from scumble.ui.screenprofile import LIBRARY, PROPERTY, SETTING, chosen, root_profile

WIDE = bytes(QColorSpace(QColorSpace.NamedColorSpace.AdobeRgb).iccProfile().data())


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "screen.icc"
    path.write_bytes(WIDE)
    return path


def open_red(program):
    return program.window.open_document(
        new_document(300, 200, BGRA8, background=(1.0, 0.0, 0.0), name="Red"), title="Red"
    )


def shown(program):
    """The red that the middle of the canvas sends to the screen."""
    canvas = program.window.canvas
    canvas.complete()
    QTest.qWait(20)
    return canvas.grab().toImage().pixelColor(canvas.rect().center()).red()


def test_a_file_is_in_force_at_once_for_open_and_later_pictures(program, file):
    open_red(program)
    assert shown(program) == 255
    program.window.settings.set(SETTING, str(file))
    assert shown(program) == pytest.approx(219, abs=2)
    open_red(program)
    assert shown(program) == pytest.approx(219, abs=2)
    program.window.settings.set(SETTING, "")
    assert shown(program) == 255
    assert program.window.session.document.history.names == ()


def test_a_file_that_is_none_says_so_and_changes_nothing(program, tmp_path):
    open_red(program)
    program.window.settings.set(SETTING, str(tmp_path / "missing.icc"))
    assert program.window.messages.isVisible()
    assert shown(program) == 255
    (tmp_path / "text.icc").write_text("no profile")
    with pytest.raises(ScumbleError, match="no colour profile for RGB"):
        chosen(str(tmp_path / "text.icc"))


@pytest.mark.parametrize(("found", "wanted"), [(WIDE, WIDE), (b"nonsense", b""), (b"", b"")])
def test_the_x_server_is_asked_where_there_is_one(monkeypatch, found, wanted):
    monkeypatch.setattr(screenprofile, "root_profile", lambda: found)
    assert chosen("") == b""
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "xcb")
    assert chosen("") == wanted


@pytest.fixture
def display(x_server):
    with x_server("64x64") as name:
        yield name


def test_what_an_x_server_says_of_its_screen_is_read_in_full(display):
    xcb = ctypes.CDLL(LIBRARY)
    xcb.xcb_connect.restype = xcb.xcb_get_setup.restype = xcb.xcb_intern_atom_reply.restype = ctypes.c_void_p
    xcb.xcb_setup_roots_iterator.restype = screenprofile._Screens
    # Held to the end: a server whose last client has gone starts anew.
    server = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    assert root_profile(display) == b""
    root = xcb.xcb_setup_roots_iterator(ctypes.c_void_p(xcb.xcb_get_setup(server))).roots[0]
    named = xcb.xcb_intern_atom_reply(server, xcb.xcb_intern_atom(server, 0, len(PROPERTY), PROPERTY), None)
    atom = ctypes.c_uint32.from_address(named + screenprofile.ATOM).value
    assert root_profile(display) == b""
    profile = WIDE + bytes(range(256)) * 900
    for start in range(0, len(profile), 65536):
        part = profile[start : start + 65536]
        xcb.xcb_change_property(server, 2 if start else 0, root, atom, 6, 8, len(part), part)
    xcb.xcb_flush(server)
    deadline = time.monotonic() + 10
    while root_profile(display) != profile:
        assert time.monotonic() < deadline
    xcb.xcb_disconnect(server)


def test_no_server_and_no_library_are_no_profile(monkeypatch):
    assert root_profile(":65000") == b""
    monkeypatch.setattr(screenprofile, "LIBRARY", "libnothing.so.6")
    assert root_profile() == b""


def pixel(widget, place):
    QTest.qWait(20)
    return widget.grab().toImage().pixelColor(place)


def test_small_pictures_agree_with_the_canvas(program, file, qtbot):
    session = open_red(program)
    layers, navigator = program.window.findChild(LayersDock), program.window.findChild(NavigatorDock)
    for setting, red in ((str(file), 219), ("", 255)):
        program.window.settings.set(SETTING, setting)
        assert shown(program) == pytest.approx(red, abs=2)
        picture = layers._delegate.thumbnails.get(session.document.layers[0].surface).toImage()
        assert picture.pixelColor(picture.rect().center()).red() == pytest.approx(red, abs=2)
        for _ in range(200):
            if navigator._small.work(Budget()):
                break
        assert navigator._small.image.pixelColor(150, 100).red() == pytest.approx(red, abs=2)


def test_small_pictures_follow_a_profile_that_is_assigned(program, qtbot):
    session = open_red(program)
    layers, navigator = program.window.findChild(LayersDock), program.window.findChild(NavigatorDock)
    surface = session.document.layers[0].surface
    assert navigator._small.work(Budget())
    green = new_document(300, 200, BGRA8, background=(0.5, 0.5, 0.1), name="Olive")
    other = program.window.open_document(green, title="Olive")
    surface = other.document.layers[0].surface
    before = layers._delegate.thumbnails.get(surface).toImage()
    set_structure(other.document, replace(other.document.structure, icc=WIDE), "Assign profile")
    after = layers._delegate.thumbnails.get(surface).toImage()
    place = before.rect().center()
    assert navigator._small.work(Budget())
    wanted = Profile(WIDE).to_screen((0.5, 0.5, 0.1))
    seen = (after.pixelColor(place), navigator._small.image.pixelColor(150, 100))
    assert before.pixelColor(place) != seen[0]
    for colour in seen:
        assert (colour.redF(), colour.greenF(), colour.blueF()) == pytest.approx(wanted, abs=2 / 255)


def test_chosen_colours_look_as_the_picture_does(program, file):
    """What is painted with a colour, and the colour where it was chosen, are the same on the screen."""
    dock, tools = program.window.findChild(ColourDock), program.window.tools
    tools.set_foreground((1.0, 0.0, 0.0))
    tools.remember_colour()
    open_red(program)
    dock.show_chooser("wheel")
    program.window.findChild(QDockWidget, "colour").raise_()
    plain = None
    for setting, red in (("", 255), (str(file), 219), ("", 255)):
        program.window.settings.set(SETTING, setting)
        assert shown(program) == pytest.approx(red, abs=2)
        field = dock.recent.visualRect(dock.recent.swatches.index(0)).center()
        corner = dock.wheel.corners()[0].toPoint() + QPoint(0, 12)
        plain = plain or pixel(dock.wheel, corner).getRgbF()[:3]
        assert pixel(dock.pair, QPoint(12, 10)).red() == pytest.approx(red, abs=2)
        assert pixel(dock.recent.viewport(), field).red() == pytest.approx(red, abs=2)
        wanted = Profile(b"", WIDE if setting else b"").to_screen(plain)
        assert pixel(dock.wheel, corner).getRgbF()[:3] == pytest.approx(wanted, abs=2 / 255)
    assert tools.foreground == (1.0, 0.0, 0.0)
