"""After the canvas was expanded: the tool that goes on with the picture, ready for its prompt."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget

from scumble.generation import modes
from scumble.plugins import Catalogue
from scumble.ui.generate.dock import GenerateDock


def take_up(dock: GenerateDock, place: QDockWidget, catalogue: Catalogue) -> None:
    """Picks the tool that knows how to expand, on `auto`, which what is selected makes mean that; and shows it."""
    for _, tool in catalogue.generators():
        name = modes.with_ui(tool, "mode")
        if name and "expand" in tool.params[name].choices:
            dock.pick(tool.id)
            break
    else:
        return
    if dock.form is not None:
        dock.form.set_values({name: modes.AUTO, **modes.begun(tool, modes.AUTO)})
        place.show()
        place.raise_()
        for prompt in dock.form.prompts()[:1]:
            prompt.edit.setFocus(Qt.FocusReason.OtherFocusReason)
