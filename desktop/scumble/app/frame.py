"""The empty window: what is needed for its first paint, and nothing that takes longer to import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QApplication

from scumble import __version__
from scumble.app.hush import hush
from scumble.settings import Memory, Settings
from scumble.settings.paths import Paths, standard_paths
from scumble.ui.theme import dress, dress_again, load_theme
from scumble.ui.window import MainWindow

FONT_POINTS = 10.0
THEME = "ui.theme"
"""The setting that names the theme."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A window in its theme, without anything in it."""

    app: QApplication
    window: MainWindow
    paths: Paths


def open_frame(paths: Paths | None = None) -> Frame:
    """The application, its settings, and a window that is not shown yet."""
    places = paths or standard_paths()
    app = application()
    settings = Settings(places.settings)
    memory = Memory(places.config / "memory.json")
    theme = load_theme(settings.text(THEME))
    dress(app, theme)
    use_font(app, settings.number("ui.scale"))
    window = MainWindow(theme, settings, memory)
    settings.connect(lambda name: dress_again(app, theme, settings.text(THEME)) if name == THEME else None)
    geometry = memory.blob("window.geometry")
    if geometry:
        window.restoreGeometry(geometry)
    return Frame(app, window, places)


def application(arguments: Sequence[str] = ()) -> QApplication:
    """The one QApplication, made with our attributes when there is none yet."""
    known = QApplication.instance()
    if isinstance(known, QApplication):
        return known
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(["scumble", *arguments])
    if app.platformName() == "offscreen":
        hush()
    app.setApplicationName("Scumble")
    app.setApplicationVersion(__version__)
    app.setOrganizationName("Scumble")
    app.setDesktopFileName("scumble")
    return app


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
