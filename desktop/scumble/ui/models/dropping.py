"""Model files that are dropped on the window: copied or linked into our folder, or used where they are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject

from scumble.api import ScumbleError
from scumble.ui.window import MainWindow

ENDINGS: Final = (".safetensors", ".ckpt", ".pt", ".pth", ".gguf")


class ModelDrops(QObject):
    """Asks what is to become of each file. `add_folder` has a folder looked through, `look_again` all of them."""

    def __init__(
        self, window: MainWindow, folder: Path, add_folder: Callable[[Path], None], look_again: Callable[[], None]
    ) -> None:
        super().__init__(window)
        self._window, self._folder = window, folder
        self._add_folder, self._look_again = add_folder, look_again
        window.drop_takers.append(self.take)

    def take(self, paths: list[Path]) -> list[Path]:
        """Takes the model files and folders of models among what was dropped, and gives the rest back."""
        mine = [path for path in paths if is_model(path)]
        for path in mine:
            self._ask(path)
        return [path for path in paths if path not in mine]

    def _ask(self, path: Path) -> None:
        actions: tuple[tuple[str, Callable[[], object]], ...]
        if path.is_dir() and not (path / "model_index.json").is_file():
            text = self.tr("Look for models in “{name}”?")
            actions = ((self.tr("Use it where it is"), partial(self._add_folder, path)),)
        else:
            text = self.tr("Put the model “{name}” into Scumble's folder, or use it where it is?")
            actions = (
                (self.tr("Copy it"), partial(self.bring, path, link=False)),
                (self.tr("Link it"), partial(self.bring, path, link=True)),
                (self.tr("Use it where it is"), partial(self._add_folder, path if path.is_dir() else path.parent)),
            )
        self._window.messages.show_message(text.format(name=path.name), "info", actions)

    def bring(self, path: Path, *, link: bool) -> None:
        """Copies a file or folder of a model into ours, on another thread, or links it."""
        work = partial(put_link if link else put_copy, path, self._folder)
        self._window.background.run(work, self._done, self._window.show_error)

    def _done(self, made: Path) -> None:
        text = self.tr("“{name}” is in the folder of models.").format(name=made.name)
        self._window.messages.show_message(text, "info", seconds=8)
        self._look_again()


def is_model(path: Path) -> bool:
    """Whether a dropped path is for the model library: by its ending, or a folder."""
    return path.is_dir() or path.suffix.lower() in ENDINGS


def put_copy(path: Path, folder: Path) -> Path:
    """Copies a model; a copy that fails leaves nothing behind. Raises `ScumbleError` (`model-not-copied`)."""
    target = _free(path, folder)
    new = target.with_name(f".{target.name}.new")
    try:
        if path.is_dir():
            shutil.copytree(path, new)
        else:
            shutil.copyfile(path, new)
        new.replace(target)
    except (OSError, shutil.Error) as error:
        shutil.rmtree(new, ignore_errors=True)
        new.unlink(missing_ok=True)
        raise _fault(path, error) from error
    return target


def put_link(path: Path, folder: Path) -> Path:
    """Links a model; where a system allows no symbolic link, a hard one. Raises `ScumbleError` (`model-not-copied`)."""
    target = _free(path, folder)
    try:
        try:
            target.symlink_to(path.absolute(), target_is_directory=path.is_dir())
        except OSError:
            os.link(path, target)
    except OSError as error:
        raise _fault(path, error) from error
    return target


def _free(path: Path, folder: Path) -> Path:
    target = folder / path.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _fault(path, error) from error
    if os.path.lexists(target):
        raise ScumbleError("model-not-copied", model=path.name, reason="there is one of that name already")
    return target


def _fault(path: Path, error: Exception) -> ScumbleError:
    reason = getattr(error, "strerror", None) or str(error)
    return ScumbleError("model-not-copied", model=path.name, reason=reason)
