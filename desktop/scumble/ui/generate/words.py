"""Styles, lists of words and earlier prompts: what a person need not write anew."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from scumble.api import ParamValue, ScumbleError, Tool
from scumble.generation.prompts import prompt_names
from scumble.generation.words import PROMPT, Style, expand, styled
from scumble.settings import Memory
from scumble.ui.generate.prompt import PromptField
from scumble.ui.notebook import Notebook
from scumble.ui.shelf import Shelf, bundled_files

RECENT: Final = 30
"""Prompts that are offered again."""

SHOWN: Final = 60
"""Characters of a prompt in a menu."""

MOST_LINES: Final = 10_000
"""Lines of a list of words that are read."""


class Words(QObject):
    """What there is to choose from, in `folder` and of our own, and what is chosen.

    `refused` carries a `ScumbleError`.
    """

    refused = Signal(object)
    changed = Signal()

    def __init__(self, folder: Path, memory: Memory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        styles = {name: read_style(data, name) for name, data in bundled_files("styles", ".json").items()}
        lists = {name: read_lines(data, name) for name, data in bundled_files("wildcards", ".txt").items()}
        self.styles = Shelf(styles, folder / "styles", ".json", read_style, msgspec.json.encode)
        self.lists = Shelf(lists, folder / "wildcards", ".txt", read_lines, lambda lines: "\n".join(lines).encode())
        self._notebook = Notebook(memory, "words", self)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The ids of the styles that are on."""
        return tuple(name for name in self._notebook.items("styles") if name in self.styles)

    @property
    def recent(self) -> tuple[str, ...]:
        """Prompts that were used, the last first."""
        return tuple(text for text in self._notebook.items("prompts") if isinstance(text, str))

    def choose(self, name: str, on: bool) -> None:
        """Switches a style on or off; the one that was switched on last comes outermost."""
        others = [other for other in self.chosen if other != name]
        self._notebook.keep("styles", [*others, name] if on else others)
        self.changed.emit()

    def keep_style(self, style: Style) -> None:
        """Keeps a style and switches it on."""
        name = self.styles.free_id(style.name)
        try:
            self.styles.put(name, style)
        except ScumbleError as error:
            self.refused.emit(error)
        else:
            self.choose(name, True)

    def remove_style(self, name: str) -> None:
        """Takes a person's own style away."""
        try:
            self.styles.remove(name)
        except ScumbleError as error:
            self.refused.emit(error)
        self.changed.emit()

    def applied(self, tool: Tool, params: Mapping[str, ParamValue]) -> dict[str, ParamValue]:
        """The parameters of a job with prompts as the model gets them, by the seed among them.

        The prompt as it was written is kept among the recent ones. Raises `ScumbleError` as `expand` does.
        """
        made = dict(params)
        names = prompt_names(tool)
        if not names:
            return made
        self._remember(str(made[names[0]]))
        seed = next((int(made[name]) for name, param in tool.params.items() if param.type == "seed"), 0)
        texts = [str(made[name]) for name in names]
        framed = styled(texts[0], texts[1] if len(texts) > 1 else "", [self.styles[name] for name in self.chosen])
        for place, text in enumerate((*framed, *texts[2:])[: len(texts)]):
            made[names[place]] = expand(text, seed + place, {name: self.lists[name] for name in self.lists})
        return made

    def _remember(self, prompt: str) -> None:
        if prompt.strip():
            others = [text for text in self.recent if text != prompt]
            self._notebook.keep("prompts", [prompt, *others][:RECENT])


class WordsMenus(QObject):
    """The two buttons under a prompt: styles, and prompts that were used before."""

    def __init__(self, words: Words, field: PromptField) -> None:
        super().__init__(field)
        self._words = words
        self._field = field
        self.styles = field.add_menu(self.tr("Styles"), self.tr("Frames for the prompt, such as a technique"))
        self.recent = field.add_menu(self.tr("Recent"), self.tr("Prompts that you used before"))
        self.styles.menu().aboutToShow.connect(self._fill_styles)
        self.recent.menu().aboutToShow.connect(self._fill_recent)
        words.changed.connect(self._show_chosen)
        self._show_chosen()

    def _show_chosen(self) -> None:
        chosen = [self._words.styles[name].name for name in self._words.chosen]
        self.styles.setText(self.tr("Styles ({count})").format(count=len(chosen)) if chosen else self.tr("Styles"))
        tip = ", ".join(chosen) or self.tr("Frames for the prompt, such as a technique")
        self.styles.setToolTip(tip)

    def _fill_styles(self) -> None:
        menu = self.styles.menu()
        menu.clear()
        for name in self._words.styles:
            action = QAction(self._words.styles[name].name, menu, checkable=True)
            action.setChecked(name in self._words.chosen)
            action.toggled.connect(partial(self._words.choose, name))
            menu.addAction(action)
        menu.addSeparator()
        keep = menu.addAction(self.tr("Keep this prompt as a style"), self._keep)
        keep.setEnabled(bool(str(self._field.value()).strip()))
        own = [name for name in self._words.styles if not self._words.styles.is_bundled(name)]
        if own:
            away = menu.addMenu(self.tr("Remove"))
            for name in own:
                away.addAction(self._words.styles[name].name, partial(self._words.remove_style, name))

    def _fill_recent(self) -> None:
        menu = self.recent.menu()
        menu.clear()
        for prompt in self._words.recent:
            menu.addAction(_short(prompt), partial(self._field.set_value, prompt)).setToolTip(prompt)
        if menu.isEmpty():
            menu.addAction(self.tr("None yet")).setEnabled(False)

    def _keep(self) -> None:
        text = str(self._field.value()).strip()
        title = _short(text.replace(PROMPT, "").strip(" ,"))
        self._words.keep_style(Style(title, text if PROMPT in text else f"{PROMPT}, {text}"))
        self._field.set_value("")


def read_style(data: bytes, name: str) -> Style:
    """A style from a file. Raises `ScumbleError` (`style-broken`)."""
    try:
        return msgspec.json.decode(data, type=Style)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ScumbleError("style-broken", path=name, reason=error) from error


def read_lines(data: bytes, _name: str) -> tuple[str, ...]:
    """The lines of a list of words, without empty ones and those that begin with #."""
    lines = (line.strip() for line in data.decode("utf-8", "replace").splitlines()[:MOST_LINES])
    return tuple(line for line in lines if line and not line.startswith("#"))


def _short(text: str) -> str:
    plain = " ".join(text.split()).replace("&", "&&")
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1].rstrip() + "…"
