"""The profile of the screen: from a file that the settings name, and from an X server."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import time

import pytest
from PySide6.QtGui import QColorSpace, QGuiApplication
from PySide6.QtTest import QTest

from scumble.api import ScumbleError
from scumble.document import BGRA8
from scumble.document.edits import new_document
from scumble.ui import screenprofile
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
def display():
    """An X server of its own."""
    if shutil.which("Xvfb") is None:
        pytest.skip("there is no Xvfb")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "64x64x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    with server.stdout as out:
        yield f":{out.readline().strip()}"
    server.terminate()
    server.wait()


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
