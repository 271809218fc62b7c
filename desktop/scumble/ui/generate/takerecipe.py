"""The recipe in a picture, of ours or of another program, put into the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QMimeData, QObject, QTimer
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog

from scumble.api import ModelInfo, ParamValue, ScumbleError, Tool
from scumble.files.foreign_recipes import find_recipe
from scumble.files.found_recipe import FoundRecipe
from scumble.generation.prompts import prompt_names
from scumble.plugins import Catalogue, resolve_params
from scumble.ui.generate.dock import GenerateDock
from scumble.ui.messages import error_text
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow

ENDINGS: Final = (".png", ".jpg", ".jpeg", ".webp")
"""Files in which a recipe may stand."""

MOST_LEFT: Final = 6
"""So many things that were not taken are named."""

_SILENT: Final[dict[str, ParamValue]] = {"negative": "", "strength": 1.0, "clip_skip": 0, "rescale": 0.0}
"""Values that ask for nothing, so that a tool without the parameter lacks nothing."""


class RecipeTaker(QObject):
    """Takes a recipe from a file that is chosen, or dropped on the dock, and offers that of a picture that opens."""

    def __init__(self, window: MainWindow, dock: GenerateDock, catalogue: Catalogue, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._dock, self._catalogue = window, dock, catalogue
        dock.setAcceptDrops(True)
        dock.installEventFilter(self)
        dock.changed.connect(self._watch_prompts)
        window.session_opened.connect(lambda session: QTimer.singleShot(0, session, lambda: self._on_opened(session)))

    def ask(self) -> None:
        """Asks for a picture."""
        dialog = QFileDialog(self._window, self.tr("Take the recipe of a picture"))
        endings = " ".join(f"*{ending}" for ending in ENDINGS)
        dialog.setNameFilters([self.tr("Pictures ({endings})").format(endings=endings)])
        dialog.fileSelected.connect(lambda name: self.take(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def take(self, path: Path) -> None:
        """Puts the recipe of a picture into the form, or says that it has none."""

        def read(found: FoundRecipe | None) -> None:
            if found is None:
                self._dock.message.say(error_text("recipe-none", {"path": path.name}))
            else:
                self.fill(found, path.name)

        self._read(path, read)

    def fill(self, found: FoundRecipe, name: str) -> None:
        """Puts a recipe into the form of the tool that takes most of it; what it does not take is said in one
        sentence."""
        tool = self._tool_for(found)
        self._dock.message.hide()
        if tool is None:
            return
        self._dock.pick(tool.id)
        known = not found.model or self._choose_model(found.model)
        model = self._dock.chosen_model
        params = found.params_for(model.family if model is not None else "")
        taken = {given: value for given, value in params.items() if _fits(tool, given, value)}
        left = [*found.left, *(given for given in params if given not in taken and not _asks_nothing(params, given))]
        if self._dock.form is not None:
            self._dock.form.reset()
            self._dock.form.set_values(taken)
        if not known:
            left.append(self.tr("the model “{model}”").format(model=found.model))
        text = self.tr("The form holds the recipe of “{name}” ({program}) now.")
        if left:
            text = self.tr("The form holds the recipe of “{name}” ({program}) now, but has no place for {left}.")
        listed = ", ".join(left[:MOST_LEFT]) + (" …" if len(left) > MOST_LEFT else "")
        self._dock.message.say(text.format(name=name, program=found.program, left=listed))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Files that are dropped on the dock."""
        if isinstance(event, QDropEvent) and (path := _dropped(event.mimeData())) is not None:
            event.acceptProposedAction()
            if event.type() == QEvent.Type.Drop:
                self.take(path)
            return True
        return super().eventFilter(watched, event)

    def _watch_prompts(self) -> None:
        """A file is no text to be dropped into a prompt."""
        for field in self._dock.form.prompts() if self._dock.form is not None else ():
            field.edit.viewport().installEventFilter(self)

    def _on_opened(self, session: DocumentSession) -> None:
        path = session.source
        if path is None or path.suffix.lower() not in ENDINGS:
            return

        def read(found: FoundRecipe | None) -> None:
            if found is not None and session in self._window.sessions:
                text = self.tr("“{name}” says how it was made ({program}).")
                use = (self.tr("Use its recipe"), lambda: self.fill(found, path.name))
                self._window.messages.show_message(text.format(name=path.name, program=found.program), "info", (use,))

        self._read(path, read)

    def _read(self, path: Path, then: Callable[[FoundRecipe | None], None]) -> None:
        self._window.background.run(partial(find_recipe, path), then, lambda _error: then(None))

    def _tool_for(self, found: FoundRecipe) -> Tool | None:
        tools = [tool for _, tool in self._catalogue.generators()]
        named = [tool for tool in tools if tool.id == found.tool]
        reading = [tool for tool in tools if prompt_names(tool)]
        shown = self._dock.tool

        def worth(tool: Tool) -> tuple[int, bool]:
            return sum(_fits(tool, name, value) for name, value in found.params.items()), tool is shown

        return max(named or reading, key=worth, default=None)

    def _choose_model(self, name: str) -> bool:
        """Chooses the model of that name, or of a file so called; False where there is none."""
        wanted = {name.lower(), _stem(name)}
        for model in self._dock.models:
            if wanted & _names(model):
                self._dock.choose_model(model.id)
                return True
        return False


def _names(model: ModelInfo) -> set[str]:
    return {model.id.lower(), model.title.lower(), _stem(model.id)}


def _stem(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1].lower()
    for ending in (".safetensors", ".ckpt"):
        last = last.removesuffix(ending)
    return last


def _fits(tool: Tool, name: str, value: ParamValue) -> bool:
    try:
        resolve_params(tool, {name: value})
    except ScumbleError:
        return False
    return True


def _asks_nothing(params: Mapping[str, ParamValue], name: str) -> bool:
    return name in _SILENT and params[name] == _SILENT[name]


def _dropped(data: QMimeData) -> Path | None:
    """The one local file that is being dropped."""
    urls = data.urls() if data.hasUrls() else []
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
