"""The program with its window: builds everything, ties it together, runs it."""

from __future__ import annotations

import faulthandler
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QApplication

from scumble import __version__
from scumble.api import ScumbleError
from scumble.app import display
from scumble.app.guard import PluginGuard
from scumble.files import Autosave
from scumble.plugins import Catalogue
from scumble.service import EngineSettings, ModelService
from scumble.settings import Memory, Settings
from scumble.settings.paths import Paths, standard_paths
from scumble.ui.actions.file import FileActions
from scumble.ui.autosave import Autosaver
from scumble.ui.background import as_error
from scumble.ui.furnish import add_docks, arrange, furnish
from scumble.ui.generate import Generation, install
from scumble.ui.theme import dress, load_theme
from scumble.ui.window import MainWindow

LOG_BYTES = 1 << 20
LOG_FILES = 3
FONT_POINTS = 10.0


@dataclass(slots=True, weakref_slot=True, eq=False)
class Program:
    """The running program. `close` ends it in good order, whether or not the window was closed before."""

    app: QApplication
    window: MainWindow
    files: FileActions
    paths: Paths
    service: ModelService | None = None
    generation: Generation | None = None
    guard: PluginGuard | None = None
    autosaver: Autosaver | None = None
    crash_log: IO[bytes] | None = None
    with_service: bool = True

    def finish(self) -> None:
        """Adds what need not be there for the first paint: docks, the engine, what a crash left."""
        add_docks(self.window)
        if self.with_service:
            self._start_service()
        QTimer.singleShot(0, self.window, self._restore_layout)
        try:
            self.autosaver = Autosaver(self.window, Autosave(self.paths.autosave))
            self.autosaver.offer()
        except ScumbleError as error:
            self.window.show_error(error)

    def _start_service(self) -> None:
        catalogue = Catalogue(self.paths.plugins)
        self.service = ModelService(engine_settings(self.window.settings, self.paths))
        self.generation = install(self.window, self.service, catalogue, self._plugins_changed)
        self.guard = PluginGuard(self.service, catalogue, self.window)
        self.guard.switched_off.connect(self._plugin_went)
        self.window.closed.connect(self._stop_service)
        arrange(self.window)
        self.generation.candidates.changed.connect(self._show_strip)
        self.service.start()

    def _restore_layout(self) -> None:
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


def application(arguments: Sequence[str] = ()) -> QApplication:
    """The one QApplication, made with our attributes when there is none yet."""
    known = QApplication.instance()
    if isinstance(known, QApplication):
        return known
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(["scumble", *arguments])
    if app.platformName() == "offscreen":
        display.hush()
    app.setApplicationName("Scumble")
    app.setApplicationVersion(__version__)
    app.setOrganizationName("Scumble")
    app.setDesktopFileName("scumble")
    return app


def build(paths: Paths | None = None, *, service: bool = True) -> Program:
    """Everything but the event loop; the window is not shown yet and has no docks before `Program.finish`.

    Without `service` there is no engine and nothing that generates.
    """
    places = paths or standard_paths()
    app = application()
    settings = Settings(places.config / "settings.json")
    memory = Memory(places.config / "memory.json")
    theme = load_theme()
    dress(app, theme)
    use_font(app, settings.number("ui.scale"))
    crash_log = start_logs(places.logs)
    window = MainWindow(theme, settings, memory)
    files = furnish(window, places.logs / "scumble.log")
    if settings.fault:
        window.show_error(ScumbleError("settings-unreadable", path=settings.path, reason=settings.fault))
    return Program(app, window, files, places, crash_log=crash_log, with_service=service)


def run(files: Sequence[Path], paths: Paths | None = None) -> int:
    """Opens the window with files and runs until it is closed; returns the exit code."""
    program = build(paths)
    geometry = program.window.memory.blob("window.geometry")
    if geometry:
        program.window.restoreGeometry(geometry)
    program.window.show()
    QTimer.singleShot(0, program.finish)
    if files:
        QTimer.singleShot(0, lambda: program.files.open_paths(files))
    sys.excepthook = program.report
    code = program.app.exec()
    sys.excepthook = sys.__excepthook__
    program.close()
    return code


def engine_settings(settings: Settings, paths: Paths) -> EngineSettings:
    """Where the engine finds things, as a person has set it."""
    own = settings.text("models.folders")
    folders = (paths.models, Path(own).expanduser()) if own else (paths.models,)
    python = settings.text("engine.python") or sys.executable
    return EngineSettings(
        home=paths.cache / "engine", plugin_folder=paths.plugins, model_folders=folders, python=python
    )


def use_font(app: QApplication, scale: float) -> None:
    """Takes the font of the resources, so that the window looks alike everywhere."""
    family = ""
    for name in ("Inter-Regular.otf", "Inter-SemiBold.otf"):
        data = resources.files("scumble_resources").joinpath("fonts", name)
        if data.is_file():
            number = QFontDatabase.addApplicationFontFromData(data.read_bytes())
            families = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
            family = family or (families[0] if families else "")
    font = QFont(family) if family else app.font()
    font.setPointSizeF(FONT_POINTS * scale)
    app.setFont(font)


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
