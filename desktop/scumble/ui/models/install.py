"""Puts the model library into the window: the manager, what is dropped, what prompts complete."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

from PySide6.QtCore import QObject, Qt

from scumble.api import FileKind
from scumble.protocol import ModelEntry
from scumble.service import Failure, ModelService
from scumble.settings import ModelNotes
from scumble.settings.paths import Paths
from scumble.ui.commands import Command
from scumble.ui.generate import Generation
from scumble.ui.generate.form import ParamForm
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.messages import error_text
from scumble.ui.models.completion import PromptCompleter, insert_tag
from scumble.ui.models.dialog import ModelDialog
from scumble.ui.models.dropping import ModelDrops
from scumble.ui.models.shelf import Shelf
from scumble.ui.models.thumbnails import Thumbnails
from scumble.ui.widgets import action_button
from scumble.ui.window import MainWindow

MANAGE = Command(
    "models.manage",
    QT_TRANSLATE_NOOP("commands", "&Models…"),
    icon="models",
    shortcuts=("Ctrl+Alt+M",),
)


class Models(QObject):
    """What the model library consists of in one window. `reconfigure` tells the engine of other folders and
    autoencoders."""

    def __init__(
        self,
        window: MainWindow,
        service: ModelService,
        generation: Generation,
        paths: Paths,
        reconfigure: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._window, self._service, self._dock = window, service, generation.dock
        self._dialog: ModelDialog | None = None
        self.shelf = Shelf(service, ModelNotes(paths.model_notes), window.settings, generation.engine.value_bytes, self)
        self.thumbnails = Thumbnails(window.background, self)
        self.drops = ModelDrops(window, paths.models, self.add_folder, self.shelf.look_again)
        self.completers: dict[ParamForm, list[PromptCompleter]] = {}
        manage = window.commands.add(MANAGE, lambda: self.manage())
        window.menus["generate"].addAction(manage)
        beside = generation.dock.model.parentWidget()
        row = beside.layout() if beside is not None else None
        if row is not None:
            row.addWidget(action_button(manage))
            generation.dock.order_tabs()
        self.shelf.places_changed.connect(reconfigure)
        self.shelf.changed.connect(self._offer)
        service.converted.connect(self._on_converted)
        generation.dock.changed.connect(self._complete)
        self._complete()

    def manage(self, chosen: str = "") -> ModelDialog:
        """Opens the manager, at one of the files or at the model that is chosen in the dock."""
        if self._dialog is None:
            window = self._window
            self._dialog = ModelDialog(self.shelf, self.thumbnails, window.theme, window.icons, window)
            self._dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._dialog.destroyed.connect(self._forget)
            self._dialog.used.connect(self.use)
            self._dialog.folders_chosen.connect(self._set_folders)
            self.shelf.look_again()
        model = self._dock.chosen_model
        self._dialog.choose(chosen or (model.id if model is not None else ""))
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()
        return self._dialog

    def use(self, entry: ModelEntry) -> None:
        """Chooses a model, or puts a LoRA or a learnt word into the prompt."""
        if entry.info is not None:
            self._dock.choose_model(entry.name)
            return
        form = self._dock.form
        tag = tag_of(entry)
        if form is not None and form.prompts() and tag:
            insert_tag(form.prompts()[0].edit, tag)

    def add_folder(self, folder: Path) -> None:
        """Has another folder looked through."""
        self._set_folders([*self.shelf.own_folders(), folder])

    def tags(self) -> list[str]:
        """What a prompt can name: first what was made for models such as the chosen one, and of that the favourites."""
        model = self._dock.chosen_model
        family = model.family if model is not None else ""
        entries = [*self.shelf.of_kind("lora"), *self.shelf.of_kind("embedding")]
        entries.sort(key=lambda entry: (entry.family != family, not self.shelf.note(entry).favourite))
        return [tag_of(entry) for entry in entries]

    def _set_folders(self, folders: list[Path]) -> None:
        try:
            self.shelf.set_own_folders(folders)
        except OSError as error:
            text = error_text("shelf-unwritable", {"name": self.tr("Folders of models"), "reason": str(error)})
            self._window.messages.show_message(text, "error")

    def _on_converted(self, path: str, _made: str, failure: Failure | None) -> None:
        if self._dialog is not None:
            self._dialog.show_converted(path, failure)
        elif failure is not None:
            self._window.show_error(failure.error())

    def _complete(self) -> None:
        """Every form that has been made completes what its prompts may name."""
        form = self._dock.form
        if form is not None and form not in self.completers:
            self.completers[form] = [PromptCompleter(field.edit, self.tags) for field in form.prompts()]
            form.destroyed.connect(lambda: self.completers.pop(form, None))

    def _offer(self) -> None:
        """The forms offer the files that are there now."""
        self._dock.set_files({kind: [entry.name for entry in self.shelf.of_kind(kind)] for kind in get_args(FileKind)})

    def _forget(self) -> None:
        self._dialog = None


def tag_of(entry: ModelEntry) -> str:
    """What a prompt says to use a LoRA or a learnt word."""
    return f"<lora:{entry.name}:1>" if entry.kind == "lora" else f"<{entry.name}>"


def install(
    window: MainWindow, service: ModelService, generation: Generation, paths: Paths, reconfigure: Callable[[], None]
) -> Models:
    """Gives a window the model library. To be called once, after generating was installed."""
    return Models(window, service, generation, paths, reconfigure)
