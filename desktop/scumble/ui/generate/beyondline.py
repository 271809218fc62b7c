"""The line under the model that says which words of the prompt it was never taught, and leads to other models."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from PySide6.QtCore import QTimer, Signal

from scumble.api import ModelInfo, ParamValue, Tool
from scumble.generation.prompts import prompt_of
from scumble.generation.vocabulary import beyond
from scumble.ui.generate.buttonline import ButtonLine

STARTER: Final = "starter_model"
"""The model whose words are known."""

PAUSE: Final = 700
"""Milliseconds without a change before the line comes: nobody is told of a word in the middle of it."""

MOST: Final = 4
"""Words that are named."""


class BeyondLine(ButtonLine):
    """Hidden where the model knows enough of the prompt. `wanted` asks for the models."""

    wanted = Signal()

    def __init__(self, known: Collection[str]) -> None:
        super().__init__()
        self._known = known
        self._unknown: tuple[str, ...] = ()
        self.button.setText(self.tr("Models…"))
        self.button.setToolTip(self.tr("How to add a model that knows more"))
        self.button.setAccessibleName(self.tr("Add a model that knows more"))
        self.button.clicked.connect(self.wanted)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE)
        self._timer.timeout.connect(self._show)

    def look(self, tool: Tool | None, values: Mapping[str, ParamValue], model: ModelInfo | None) -> None:
        """Reads the prompt of a form: the line goes at once, and comes when nothing has changed for a while."""
        self._unknown = ()
        if tool is not None and tool.model and model is not None and model.id == STARTER:
            prompt = prompt_of(tool, values)
            self._unknown = beyond(prompt, self._known)
        if self._unknown:
            self._timer.start()
        else:
            self._timer.stop()
            self.hide()

    def _show(self) -> None:
        named = ", ".join(f"“{word}”" for word in self._unknown[:MOST])
        if len(self._unknown) > MOST:
            named = self.tr("{words} and others").format(words=named)
        said = self.tr("The starter model draws simple scenes and was never taught {words}. A larger model knows more.")
        self.text.setText(said.format(words=named))
        self.show()
