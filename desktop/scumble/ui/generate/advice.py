"""What a person would have to do before a tool can work, said before they press the button."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from scumble.generation import modes
from scumble.generation.prompts import prompt_names, prompt_of
from scumble.generation.regional import selected_bounds
from scumble.ui.generate.aspect import far_from
from scumble.ui.generate.generator import Wish
from scumble.ui.session import DocumentSession
from scumble.ui.toolbox import FACES


def advice(wish: Wish, session: DocumentSession | None) -> str:
    """A sentence; empty where the tool can begin."""
    if session is None:
        if any(not given.optional and given.kind != "picture" for given in wish.tool.inputs):
            return _text("Make a picture or open one; this tool works on it.")
        missing = missing_picture(wish) or far_from(wish.tool, wish.params, wish.native)
        return missing or wordless(wish) or _text("No picture is open. The result will be a new one.")
    if wish.tool.result == "masked-layer" and selected_bounds(session.document, wish.tool).empty:
        text = _text(
            "Select what should change: paint it with the mask brush ({brush}) or draw a rectangle ({select})."
        )
        if modes.inverts(wish.tool, wish.params):
            text = _text(
                "Select what should stay: paint it with the mask brush ({brush}) or draw a rectangle ({select})."
            )
        return text.format(brush=FACES["mask"].shortcuts[0], select=FACES["select"].shortcuts[0])
    return missing_picture(wish) or far_from(wish.tool, wish.params, wish.native) or wordless(wish)


def wordless(wish: Wish) -> str:
    """That nothing is said to a tool that begins from words alone; empty where something is."""
    if wish.tool.inputs or not prompt_names(wish.tool) or prompt_of(wish.tool, wish.params).strip():
        return ""
    return _text("Say what the picture shows; without a prompt the model draws whatever it likes.")


def missing_picture(wish: Wish) -> str:
    """Which picture is still to be chosen; empty when there is none."""
    for given in wish.tool.inputs:
        if given.kind == "picture" and not given.optional and given.name not in wish.pictures:
            return _text("Choose a {title} above.").format(title=(given.title or given.name).lower())
    return ""


def _text(text: str) -> str:
    return QCoreApplication.translate("generate", text)
