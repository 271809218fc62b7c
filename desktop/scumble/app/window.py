"""The program with its window: what is inside the frame, tied together."""

from __future__ import annotations

import faulthandler
import logging
import sys
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QCoreApplication, QSize, QTimer
from PySide6.QtWidgets import QApplication

from scumble import __version__
from scumble.api import ScumbleError
from scumble.app.computing import CHOICES, computing
from scumble.app.frame import Frame, open_frame
from scumble.app.guard import PluginGuard
from scumble.files import Autosave
from scumble.plugins import Catalogue
from scumble.service import EngineSettings, ModelService
from scumble.settings import ModelNotes, Settings, own_folders
from scumble.settings.paths import Paths
from scumble.ui.actions.file import FileActions
from scumble.ui.adjust.install import Adjustments
from scumble.ui.adjust.install import install as install_adjustments
from scumble.ui.autosave import Autosaver
from scumble.ui.background import as_error
from scumble.ui.furnish import add_docks, arrange, furnish
from scumble.ui.generate import Generation, install
from scumble.ui.models import Models
from scumble.ui.models import install as install_models
from scumble.ui.window import MainWindow

LOG_BYTES = 1 << 20
LOG_FILES = 3


@dataclass(slots=True, weakref_slot=True, eq=False)
class Program:
    """The running program. `close` ends it in good order, whether or not the window was closed before."""

    app: QApplication
    window: MainWindow
    files: FileActions
    paths: Paths
    service: ModelService | None = None
    generation: Generation | None = None
    adjustments: Adjustments | None = None
    models: Models | None = None
    guard: PluginGuard | None = None
    autosaver: Autosaver | None = None
    crash_log: IO[bytes] | None = None
    with_service: bool = True

    def finish(self) -> None:
        """Adds what need not be there for the first paint: docks, the engine, what a crash left."""
        size = self.window.size()
        add_docks(self.window, self.paths)
        if self.with_service:
            self._start_service()
        QTimer.singleShot(0, self.window, lambda: self._restore_layout(size))
        try:
            self.autosaver = Autosaver(self.window, Autosave(self.paths.autosave))
            self.autosaver.offer()
        except ScumbleError as error:
            self.window.show_error(error)

    def _start_service(self) -> None:
        catalogue = Catalogue(self.paths.plugins)
        self.service = ModelService(engine_settings(self.window.settings, self.paths))
        self.generation = install(self.window, self.service, catalogue, self._plugins_changed, self.paths.data)
        self.adjustments = install_adjustments(self.window, self.service, catalogue)
        self.guard = PluginGuard(self.service, catalogue, self.window)
        self.guard.switched_off.connect(self._plugin_went)
        self.models = install_models(self.window, self.service, self.generation, self.paths, self._places_changed)
        self.window.closed.connect(self._stop_service)
        self.window.settings.connect(self._setting_changed)
        arrange(self.window)
        self.generation.candidates.changed.connect(self._show_strip)
        self.service.start()

    def _restore_layout(self, size: QSize) -> None:
        # Docks that came one by one may have made the window higher than they need now.
        if not self.window.isMaximized() and not self.window.isFullScreen():
            self.window.resize(size)
        self.window.restore_layout()
        self._show_strip()

    def _show_strip(self) -> None:
        """The strip of candidates takes no room while there are none."""
        if self.generation is not None:
            self.generation.strip_widget.setVisible(bool(self.generation.candidates.offered))

    def _stop_service(self) -> None:
        # Not connected directly: the service lives on a thread of its own, which cannot wait for itself.
        if self.service is not None:
            self.service.shutdown()

    def _plugin_went(self, plugin: str, title: str) -> None:
        """A plugin that misbehaved has been switched off: the window says so and works on without it."""
        generation = self.generation
        if generation is None:
            return
        generation.reload_plugins()
        text = QCoreApplication.translate(
            "Program",
            "The plugin “{title}” misbehaved and was switched off. Its tools are gone until you switch it on.",
        )
        button = QCoreApplication.translate("Program", "Plugins…")
        self.window.messages.show_message(
            text.format(title=title), "warning", ((button, lambda: generation.manage_plugins(plugin)),)
        )

    def _plugins_changed(self) -> None:
        if self.service is not None:
            self.service.configure(engine_settings(self.window.settings, self.paths))
        if self.adjustments is not None:
            self.adjustments.reload()

    def _setting_changed(self, setting: str) -> None:
        if setting in CHOICES and self.service is not None:
            self.service.configure(engine_settings(self.window.settings, self.paths))

    def _places_changed(self) -> None:
        if self.service is not None:
            self.service.use_models(engine_settings(self.window.settings, self.paths))

    def report(self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        """An exception that nobody caught: into the log, and before the person with its report. Work goes on."""
        logging.getLogger("scumble").error("uncaught", exc_info=(kind, fault, trace))
        self.window.show_error(as_error(fault))

    def close(self) -> None:
        """Closes the window without asking, and lets go of the log."""
        if self.window.isVisible() or self.window.sessions:
            for session in self.window.sessions:
                self.window.drop_session(session)
            self.window.close()
        if self.crash_log is not None:
            faulthandler.disable()
            self.crash_log.close()
            self.crash_log = None
        for handler in [
            handler for handler in logging.getLogger("scumble").handlers if isinstance(handler, RotatingFileHandler)
        ]:
            logging.getLogger("scumble").removeHandler(handler)
            handler.close()


def build(paths: Paths | None = None, *, service: bool = True) -> Program:
    """Everything but the event loop; the window is not shown yet and has no docks before `Program.finish`."""
    return furnished(open_frame(paths), service=service)


def furnished(frame: Frame, *, service: bool = True) -> Program:
    """Puts commands, menus, tool bars and the start page into a frame.

    Without `service` there is no engine and nothing that generates.
    """
    window = frame.window
    crash_log = start_logs(frame.paths.logs)
    files = furnish(window, frame.paths.logs / "scumble.log")
    if window.settings.fault:
        error = ScumbleError("settings-unreadable", path=window.settings.path, reason=window.settings.fault)
        window.show_error(error)
    return Program(frame.app, window, files, frame.paths, crash_log=crash_log, with_service=service)


def engine_settings(settings: Settings, paths: Paths) -> EngineSettings:
    """Where the engine finds things, as a person has set it."""
    made = EngineSettings(
        home=paths.cache / "engine",
        plugin_folder=paths.plugins,
        model_folders=(paths.models, *own_folders(settings)),
        python=settings.text("engine.python") or sys.executable,
        vaes=ModelNotes(paths.model_notes).vaes,
    )
    return computing(made, settings)


def start_logs(folder: Path) -> IO[bytes] | None:
    """A rotating log for our own messages, and a file for what Python says when it crashes. None without a disk."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "scumble.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", delay=True
        )
        crash = (folder / "crash.log").open("ab")
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log = logging.getLogger("scumble")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.info("Scumble %s starts", __version__)
    faulthandler.enable(crash)
    return crash
