"""The look of the window: colours from one file, a palette and a small style sheet made from them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from importlib import resources
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

DEFAULT: Final = "dark"


@dataclass(slots=True, eq=False)
class Theme:
    """`colours` by name, as `themes/*.toml` in the resources declares them; `check` is the drawing of a tick that is
    seen on the accent.

    The colours live: what `colour` has given out becomes another colour when the theme does.
    """

    colours: dict[str, str]
    check: str = "check.svg"
    _given: dict[str, QColor] = field(default_factory=dict)

    def colour(self, name: str) -> QColor:
        """A colour by its name, not to be changed. KeyError when the theme has none of that name."""
        if name not in self._given:
            self._given[name] = QColor(self.colours[name])
        return self._given[name]

    def become(self, other: Theme) -> None:
        """Takes the colours of another theme. Widgets hear of it as of another style sheet."""
        self.colours, self.check = dict(other.colours), other.check
        for name, colour in self._given.items():
            colour.setRgba(QColor(self.colours[name]).rgba())


def load_theme(name: str = DEFAULT) -> Theme:
    """Reads a theme from the resources. FileNotFoundError when there is none of that name."""
    source = resources.files("scumble_resources").joinpath("themes", f"{name}.toml")
    found = tomllib.loads(source.read_text("utf-8"))
    return Theme(found["colours"], found.get("check", "check.svg"))


def style_sheet(theme: Theme) -> str:
    """The style sheet, with `@name@` replaced by the theme's colours and `@icons@` by where its drawings are."""
    home = resources.files("scumble_resources")
    text = home.joinpath("themes", "window.qss").read_text("utf-8")
    text = text.replace("@icons@", str(home.joinpath("themes")).replace("\\", "/"))
    text = text.replace("@check@", theme.check)
    for name, value in theme.colours.items():
        text = text.replace(f"@{name}@", value)
    return text


def palette(theme: Theme) -> QPalette:
    """The palette for Qt's Fusion style."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: "window",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "field",
        QPalette.ColorRole.AlternateBase: "panel",
        QPalette.ColorRole.ToolTipBase: "raised",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.PlaceholderText: "muted",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.Button: "raised",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.BrightText: "accent-text",
        QPalette.ColorRole.Light: "hover",
        QPalette.ColorRole.Midlight: "border",
        QPalette.ColorRole.Mid: "line",
        QPalette.ColorRole.Dark: "line",
        QPalette.ColorRole.Shadow: "line",
        QPalette.ColorRole.Highlight: "accent",
        QPalette.ColorRole.HighlightedText: "accent-text",
        QPalette.ColorRole.Link: "accent-strong",
    }
    for role, name in roles.items():
        made.setColor(role, theme.colour(name))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, theme.colour("disabled"))
    made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Highlight, theme.colour("border"))
    return made


def dress_again(application: QApplication, theme: Theme, name: str) -> None:
    """Makes a theme that is worn already another one, at once."""
    theme.become(load_theme(name))
    application.setPalette(palette(theme))
    application.setStyleSheet(style_sheet(theme))


def dress(application: QApplication, theme: Theme) -> None:
    """Gives the application the theme."""
    application.setStyle("Fusion")
    application.setAttribute(Qt.ApplicationAttribute.AA_DontShowIconsInMenus)
    application.setPalette(palette(theme))
    application.setStyleSheet(style_sheet(theme))
