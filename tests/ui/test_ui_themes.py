"""Themes: every pair of colours that meets can be told apart, and another theme holds at once, everywhere."""

from __future__ import annotations

import re
from importlib import resources

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QComboBox

from scumble.settings.declared import find
from scumble.ui.theme import load_theme, palette, style_sheet

THEMES = [name for name, _ in find("ui.theme").choices]

TEXTS = (
    *((text, ground) for text in ("text", "muted") for ground in ("window", "panel", "field", "raised", "note")),
    ("text", "hover"),
    ("text", "selected"),
    ("text", "canvas"),
    ("muted", "canvas"),
    ("accent-text", "accent"),
    ("accent-text", "accent-deep"),
    ("accent-strong", "raised"),
    ("warning", "panel"),
    ("error", "panel"),
    ("error", "window"),
)
"""What is written on what."""

MARKS = (
    ("accent-strong", "panel"),
    ("accent-strong", "window"),
    ("accent-strong", "field"),
    ("accent-strong", "raised"),
    ("text", "accent"),
    ("warning", "note"),
    ("error", "field"),
)
"""Marks and edges that mean something, such as where the focus is."""


def luminance(colour: QColor) -> float:
    """W3C, Web Content Accessibility Guidelines 2.2, relative luminance."""
    parts = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(theme, one: str, other: str) -> float:
    light, dark = sorted((luminance(theme.colour(one)), luminance(theme.colour(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_every_text_can_be_read(name):
    theme, least = load_theme(name), 7.0 if name == "contrast" else 4.5
    poor = {pair: round(contrast(theme, *pair), 2) for pair in TEXTS if contrast(theme, *pair) < least}
    assert not poor


@pytest.mark.parametrize("name", THEMES)
def test_every_mark_can_be_seen(name):
    theme = load_theme(name)
    poor = {pair: round(contrast(theme, *pair), 2) for pair in MARKS[:4] if contrast(theme, *pair) < 3.0}
    assert not poor
    edges = ("border", "line") if name == "contrast" else ()
    assert all(contrast(theme, edge, "panel") >= 3.0 for edge in edges)


def test_all_themes_have_the_same_colours_and_all_that_the_style_sheet_asks_for():
    wanted = set(load_theme("dark").colours)
    sheet = resources.files("scumble_resources").joinpath("themes", "window.qss").read_text("utf-8")
    asked = set(re.findall(r"@([a-z-]+)@", sheet)) - {"icons", "check"}
    assert asked <= wanted
    for name in THEMES:
        theme = load_theme(name)
        assert set(theme.colours) == wanted, name
        assert all(QColor(value).isValid() for value in theme.colours.values())
        assert "@" not in style_sheet(theme)


def test_every_theme_that_is_there_can_be_chosen():
    folder = resources.files("scumble_resources").joinpath("themes")
    assert {item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml")} == set(THEMES)
    for name in THEMES:
        assert folder.joinpath(load_theme(name).check).is_file()


def test_a_colour_that_was_given_out_becomes_that_of_the_other_theme(qapp):
    theme = load_theme("dark")
    text = theme.colour("text")
    theme.become(load_theme("light"))
    assert text == load_theme("light").colour("text")
    assert theme.colour("text") is text
    assert palette(theme).windowText().color() == text


@pytest.fixture
def other_theme(program):
    def choose(name):
        program.window.settings.set("ui.theme", name)
        program.app.processEvents()

    yield choose
    program.window.settings.set("ui.theme", "dark")


def colours_of(widget) -> set[str]:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    values = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    found, count = np.unique(values[:, : image.width()] & 0xFFFFFF, return_counts=True)
    return {f"#{int(value):06x}" for value, many in zip(found, count, strict=True) if many > image.width()}


@pytest.mark.parametrize("name", ["light", "contrast"])
def test_the_window_changes_at_once_and_keeps_nothing_of_the_old_colours(program, session, hand, other_theme, name):
    hand.do("layer.add")
    window = program.window
    window.canvas.complete()
    before = colours_of(window)
    dark, new = load_theme("dark"), load_theme(name)
    grounds = ("canvas", "window", "panel", "field", "selected")
    assert {dark.colours[ground] for ground in ("canvas", "window", "panel")} <= before
    other_theme(name)
    window.canvas.complete()
    after = colours_of(window)
    assert {new.colours[ground] for ground in ("canvas", "window", "panel")} <= after
    left = {dark.colours[ground] for ground in grounds} - set(new.colours.values())
    assert not left & after
    other_theme("dark")
    window.canvas.complete()
    assert {dark.colours[ground] for ground in ("canvas", "window", "panel")} <= colours_of(window)


def test_icons_take_the_colour_of_the_theme(program, session, other_theme):
    icon: QIcon = program.window.icons.icon("new")

    def ink() -> QColor:
        image = icon.pixmap(QSize(24, 24)).toImage()
        every = [image.pixelColor(x, y) for x in range(24) for y in range(24)]
        return max(every, key=lambda colour: colour.alpha())

    dark = ink()
    other_theme("light")
    assert ink().lightness() < 100 < dark.lightness()


def test_the_theme_is_remembered(start):
    program = start()
    program.window.settings.set("ui.theme", "light")
    program.close()
    again = start()
    assert again.window.theme.colours == load_theme("light").colours
    again.window.settings.set("ui.theme", "dark")


def test_thumbnails_and_history_follow(program, session, hand, other_theme):
    from scumble.ui.docks.history import HistoryDock

    hand.do("layer.add")
    hand.do("edit.undo")
    dock = program.window.findChild(HistoryDock)
    other_theme("light")
    light = load_theme("light")
    assert dock.list.item(0).foreground().color() == light.colour("text")
    assert dock.list.item(1).foreground().color() == light.colour("muted")


def test_an_icon_on_the_accent_is_drawn_in_what_is_seen_there(program, other_theme):
    icon = program.window.commands.icon_on_accent("file.new")
    other_theme("contrast")
    image = icon.pixmap(QSize(24, 24)).toImage()
    every = [image.pixelColor(x, y) for x in range(24) for y in range(24)]
    assert max(every, key=lambda colour: colour.alpha()).lightness() == 0


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # said by the offscreen platform of a list
@pytest.mark.parametrize("name", THEMES)
def test_the_marked_choice_of_a_list_stands_on_the_accent(program, other_theme, name):
    other_theme(name)
    combo = QComboBox(program.window)
    combo.addItems(["First", "Second", "Third"])
    combo.resize(160, 30)
    combo.show()
    combo.setCurrentIndex(1)
    combo.showPopup()
    program.app.processEvents()
    view = combo.view()
    shown = view.window().grab().toImage()
    place = view.viewport().mapTo(view.window(), view.visualRect(combo.model().index(1, 0)).center())
    combo.hidePopup()
    combo.deleteLater()
    assert shown.pixelColor(shown.width() - 16, place.y()) == load_theme(name).colour("accent")
