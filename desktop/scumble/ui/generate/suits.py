"""The line under the model that says which settings it was made for, where the form has others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Signal

from scumble.api import ModelInfo, Param, ParamValue, ScumbleError, Suits, Tool
from scumble.generation.prompts import prompt_of
from scumble.plugins.params import check_value
from scumble.ui.generate.buttonline import ButtonLine

LORA: Final = re.compile(r"<lora:([^:<>]+)")
"""A LoRA in a prompt, with its name."""


class SuitLine(ButtonLine):
    """Hidden where the settings suit. `wanted` carries the values that would."""

    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.loras: Mapping[str, Suits] = {}
        """What a model wants with LoRAs on, by their names."""
        self._values: dict[str, ParamValue] = {}
        self.button.setText(self.tr("Set"))
        self.button.setToolTip(self.tr("Puts these values into the form"))
        self.button.setAccessibleName(self.tr("Set what the model was made for"))
        self.button.clicked.connect(lambda: self.wanted.emit(self._values))

    def look(self, tool: Tool | None, values: Mapping[str, ParamValue], model: ModelInfo | None) -> None:
        """Compares a form with what its model and its LoRAs want; the last LoRA in the prompt counts."""
        found = None if tool is None or not tool.model else self._wish(tool, values, model)
        self._values = {} if tool is None or found is None else suiting(tool, found[1])
        others = {name: value for name, value in self._values.items() if values.get(name) != value}
        if tool is not None and found is not None and others:
            listed = ", ".join(
                f"{tool.params[name].title} {_shown(tool.params[name], others[name])}" for name in others
            )
            self.text.setText(self.tr("“{name}” was made for: {values}").format(name=found[0], values=listed))
        self.setVisible(bool(others))

    def _wish(self, tool: Tool, values: Mapping[str, ParamValue], model: ModelInfo | None) -> tuple[str, Suits] | None:
        """Who wants something, and what."""
        prompt = prompt_of(tool, values)
        named = [name for name in LORA.findall(prompt) if name in self.loras]
        if named:
            return named[-1], self.loras[named[-1]]
        return (model.title, model.suits) if model is not None and model.suits is not None else None


def suiting(tool: Tool, suits: Suits) -> dict[str, ParamValue]:
    """The values of a tool's parameters that fit; those that it lacks or does not take are left out."""
    wanted: dict[str, ParamValue] = {
        "steps": suits.steps,
        "guidance": suits.guidance,
        "scheduler": suits.scheduler,
        "schedule": suits.schedule,
    }
    return {name: value for name, value in wanted.items() if name in tool.params and _takes(tool.params[name], value)}


def _takes(param: Param, value: ParamValue) -> bool:
    try:
        check_value(param, value)
    except ScumbleError:
        return False
    return True


def _shown(param: Param, value: ParamValue) -> str:
    """A value as the form shows it."""
    if isinstance(value, str) and value in param.choices and param.labels:
        return param.labels[param.choices.index(value)]
    return f"{value:g}" if isinstance(value, float) else str(value)
