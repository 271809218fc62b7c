"""Commands for the colour profile of a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog

from scumble.api import Cancelled, ScumbleError
from scumble.document import Snapshot, SurfaceId, Tile, TileIndex
from scumble.document.edits import set_structure
from scumble.files import Progress
from scumble.render.profile import Profile, understood
from scumble.ui.commands import Command, with_document
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow
from scumble.ui.work import Work

MOST: Final = 16 << 20
"""Bytes of a profile that is read."""

Converted = dict[SurfaceId, dict[TileIndex, Tile]]


def _text(text: str) -> str:
    return QCoreApplication.translate("profile", text)


def converts(session: DocumentSession | None) -> bool:
    """The picture has a profile that differs from sRGB."""
    return session is not None and session.profile.converts


class ProfileActions:
    """`started` is told of work that takes a while."""

    def __init__(self, window: MainWindow, started: Callable[[Work], object]) -> None:
        self._window = window
        self._started = started

    def assign(self, session: DocumentSession) -> None:
        """Asks for a profile; the picture keeps its numbers and looks different."""
        dialog = QFileDialog(self._window, _text("Assign a colour profile"))
        dialog.setNameFilters([_text("Colour profiles (*.icc *.icm)"), _text("All files (*)")])
        dialog.fileSelected.connect(lambda name: self._window.attempt(lambda: self.assign_file(session, Path(name))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def assign_file(self, session: DocumentSession, path: Path) -> None:
        """Gives the picture the profile of a file. Raises `profile-unusable`."""
        try:
            with path.open("rb") as file:
                icc = file.read(MOST)
        except OSError as error:
            raise ScumbleError("profile-unusable", path=path) from error
        if not understood(icc):
            raise ScumbleError("profile-unusable", path=path)
        self._set(session, icc, _text("Assign profile"))

    def assign_srgb(self, session: DocumentSession) -> None:
        """Takes the picture's numbers for sRGB."""
        self._set(session, b"", _text("Assign sRGB"))

    def _set(self, session: DocumentSession, icc: bytes, step: str) -> None:
        session.settle()
        structure = session.document.structure
        if structure.icc != icc:
            set_structure(session.document, replace(structure, icc=icc), step)

    def convert(self, session: DocumentSession) -> None:
        """Changes every colour so that the picture looks the same in sRGB; one step of the history."""
        session.settle()
        snapshot = session.document.snapshot()
        work = Work(_text("Converting to sRGB"), self._window)
        self._started(work)

        def done(made: Converted) -> None:
            work.end()
            if session in self._window.sessions:
                self._put(session, snapshot, made)

        def failed(error: ScumbleError) -> None:
            work.end()
            if not isinstance(error, Cancelled):
                self._window.show_error(error)

        self._window.background.run(partial(converted, snapshot, work.report), done, failed)

    def _put(self, session: DocumentSession, snapshot: Snapshot, made: Converted) -> None:
        session.settle()
        document = session.document
        if document.revision != snapshot.revision:
            self._window.show_error(ScumbleError("profile-changed-meanwhile"))
            return
        with document.history.transaction(_text("Convert to sRGB")) as edit:
            for surface, tiles in made.items():
                edit.replace(surface, tiles)
            edit.set_structure(replace(document.structure, icc=b""), document.bounds)


def converted(snapshot: Snapshot, progress: Progress) -> Converted:
    """The tiles of every layer in sRGB; masks have no colours. For any thread. Raises what `progress` raises."""
    profile = Profile(snapshot.structure.icc)
    made: Converted = {}
    wanted = [
        surface
        for surface in dict.fromkeys(snapshot.structure.surfaces())
        if any(tile.pixels.ndim == 3 for tile in snapshot.planes[surface].values())
    ]
    for done, surface in enumerate(wanted):
        made[surface] = {}
        for index, tile in snapshot.planes[surface].items():
            progress(done, len(wanted))
            made[surface][index] = Tile(profile.converted(tile.pixels, snapshot.format))
    return made


def add_profile_commands(window: MainWindow, started: Callable[[Work], object]) -> ProfileActions:
    """Adds them."""
    acts = ProfileActions(window, started)

    def on_session(act: Callable[[DocumentSession], object]) -> Callable[[], None]:
        def handler() -> None:
            session = window.session
            if session is not None:
                window.attempt(lambda: act(session))

        return handler

    add = window.commands.add
    add(
        Command("image.assign-profile", QT_TRANSLATE_NOOP("commands", "Assign &profile…"), enabled=with_document),
        on_session(acts.assign),
    )
    add(
        Command("image.assign-srgb", QT_TRANSLATE_NOOP("commands", "Assign sR&GB"), enabled=with_document),
        on_session(acts.assign_srgb),
    )
    add(
        Command("image.convert-srgb", QT_TRANSLATE_NOOP("commands", "Con&vert to sRGB"), enabled=converts),
        on_session(acts.convert),
    )
    return acts
