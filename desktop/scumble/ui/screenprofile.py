"""The colour profile of the screen: that of a file which the settings name, or else what the X server says of itself.

Source: ICC Profiles in X Specification 0.4, freedesktop.org: the property `_ICC_PROFILE` of the root window holds the
profile of the first screen.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Final

from PySide6.QtGui import QGuiApplication

from scumble.api import ScumbleError
from scumble.render.profile import understood
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow

SETTING: Final = "view.screen-profile"

LIBRARY: Final = "libxcb.so.1"
PROPERTY: Final = b"_ICC_PROFILE"
ATOM: Final = 8
"""Where the number of an atom stands in the reply that names it."""

MOST: Final = 16 << 20
"""Bytes of a profile that is read."""


def follow_screen_profile(window: MainWindow) -> None:
    """Has every canvas, and what else shows pictures, use the colours of the screen from now on."""
    screen = window.screen_colours

    def show(session: DocumentSession) -> None:
        if screen.profile:
            window.canvas_of(session).show_on(screen.profile)

    def show_all() -> None:
        for session in window.sessions:
            window.canvas_of(session).show_on(screen.profile)

    def choose(setting: str) -> None:
        if setting == SETTING:
            window.attempt(take)

    def take() -> None:
        screen.set(chosen(window.settings.text(SETTING)))

    window.session_opened.connect(show)
    window.settings.connect(choose)
    screen.changed.connect(show_all)
    window.attempt(take)


def chosen(path: str) -> bytes:
    """The profile in a file; without a path that of the system, empty where there is none.

    Raises `profile-unusable` where the file cannot be read or used.
    """
    if not path:
        found = root_profile() if QGuiApplication.platformName() == "xcb" else b""
        return found if understood(found) else b""
    try:
        with Path(path).open("rb") as file:
            icc = file.read(MOST)
    except OSError as error:
        raise ScumbleError("profile-unusable", path=path) from error
    if not understood(icc):
        raise ScumbleError("profile-unusable", path=path)
    return icc


class _Screens(ctypes.Structure):
    """`xcb_screen_iterator_t`; what it points to begins with the id of the root window."""

    _fields_ = (("roots", ctypes.POINTER(ctypes.c_uint32)), ("rest", ctypes.c_int), ("index", ctypes.c_int))


def root_profile(display: str = "") -> bytes:
    """What the X server keeps as the profile of its first screen; empty where it keeps none or cannot be asked.

    `display` is the server's name; the one that the environment names when empty.
    """
    try:
        xcb = ctypes.CDLL(LIBRARY)
    except OSError:
        return b""
    for name in ("connect", "get_setup", "intern_atom_reply", "get_property_reply", "get_property_value"):
        getattr(xcb, f"xcb_{name}").restype = ctypes.c_void_p
    xcb.xcb_setup_roots_iterator.restype = _Screens
    server = ctypes.c_void_p(xcb.xcb_connect(display.encode() or None, None))
    try:
        return b"" if xcb.xcb_connection_has_error(server) else _property(xcb, server)
    finally:
        xcb.xcb_disconnect(server)


def _property(xcb: ctypes.CDLL, server: ctypes.c_void_p) -> bytes:
    root = xcb.xcb_setup_roots_iterator(ctypes.c_void_p(xcb.xcb_get_setup(server))).roots[0]
    named = xcb.xcb_intern_atom_reply(server, xcb.xcb_intern_atom(server, 1, len(PROPERTY), PROPERTY), None)
    if not named:
        return b""
    atom = ctypes.c_uint32.from_address(named + ATOM).value
    _free(named)
    asked = xcb.xcb_get_property(server, 0, root, atom, 0, 0, MOST // 4)
    found = ctypes.c_void_p(xcb.xcb_get_property_reply(server, asked, None))
    if not found:
        return b""
    value = xcb.xcb_get_property_value(found)
    icc = ctypes.string_at(value, xcb.xcb_get_property_value_length(found))
    _free(found.value)
    return icc


def _free(reply: int | None) -> None:
    ctypes.CDLL(None).free(ctypes.c_void_p(reply))
