"""What is said of a context box: on the canvas, and in the dock."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from scumble.generation import Region
from scumble.ui.generate.contextbox import Choice

GIB, MIB = 1 << 30, 1 << 20


def seen_label(region: Region, choice: Choice = Choice.AUTOMATIC, *, sees: bool = True) -> str:
    """What the model sees, for the canvas; what it draws, where it sees nothing."""
    words = _text("The model sees {size} at {scale}×") if sees else _text("The model draws {size} at {scale}×")
    text = words.format(size=size_text(region.size), scale=scale_text(region))
    if region.passes > 1:
        text += _text(", in two passes")
    if choice is Choice.LOCKED:
        text += _text(" · locked")
    elif choice is Choice.TOO_SMALL:
        text += _text(" · the locked box does not hold what may change")
    return text


def worked_on_label(region: Region) -> str:
    """What a tool without a model works on, for the canvas."""
    return _text("Works on {size}").format(size=size_text(region.size))


def line_text(region: Region, parts: int, choice: Choice, *, model: bool) -> str:
    """What the dock says of the box."""
    box = size_text((region.box.width, region.box.height))
    if parts > 1:
        return _text("{count} contexts, each for a part of the selection").format(count=parts)
    text = _text("Context {box}").format(box=box)
    if model:
        text = _text("Context {box} at {scale}×").format(box=box, scale=scale_text(region))
    if choice is Choice.TOO_SMALL:
        text += _text(", too small")
    elif choice is Choice.BY_HAND:
        text += _text(", set by hand")
    elif region.passes > 1:
        text += _text(", two passes")
    return text


def line_tip(region: Region, parts: int, choice: Choice, *, model: bool) -> str:
    """All that there is to say of the box, a line for each."""
    if parts > 1:
        return _text("Parts of the selection that lie far apart are made one by one, near ones together")
    box = size_text((region.box.width, region.box.height))
    said = [_text("What is looked at: {box} of the picture").format(box=box)]
    if model:
        seen = _text("The model sees it as {size}, at {scale}×")
        said.append(seen.format(size=size_text(region.size), scale=scale_text(region)))
    if region.passes > 1:
        said.append(_text("In two passes, the first {size}").format(size=size_text(region.first)))
    if choice is Choice.BY_HAND:
        said.append(_text("Set by hand"))
    elif choice is Choice.TOO_SMALL:
        said.append(_text("The locked box does not hold what may change"))
    return "\n".join(said)


def forecast_text(seconds: float | None, memory: int | None) -> str:
    """How long, and how much memory; empty where neither is known."""
    known = []
    if seconds is not None:
        known.append(_text("about {time}").format(time=duration_text(seconds)))
    if memory is not None:
        amount = memory_text(memory)
        known.append(amount if known else _text("{amount} of memory").format(amount=amount))
    return ", ".join(known)


def duration_text(seconds: float) -> str:
    """A time that nobody should take for exact."""
    if seconds < 1:
        return _text("1 s")
    if seconds < 90:
        return _text("{count} s").format(count=round(seconds))
    if seconds < 5400:
        return _text("{count} min").format(count=round(seconds / 60))
    return _text("{count} h").format(count=round(seconds / 3600, 1))


def memory_text(memory: int) -> str:
    """An amount of memory."""
    if memory < GIB:
        return _text("{count} MB").format(count=max(round(memory / MIB / 10) * 10, 10))
    return _text("{count} GB").format(count=f"{memory / GIB:.1f}")


def size_text(size: tuple[int, int]) -> str:
    """Width and height."""
    return f"{size[0]} × {size[1]}"


def scale_text(region: Region) -> str:
    """Working pixels to a pixel of the document."""
    return f"{region.scale:.1f}" if region.scale >= 0.95 else f"{region.scale:.2f}"


def _text(text: str) -> str:
    return QCoreApplication.translate("generate", text)
