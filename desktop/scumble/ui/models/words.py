"""Kinds and sizes of model files in words."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication

from scumble.protocol import ModelEntry
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.messages import error_text
from scumble.ui.models.shelf import Room

KINDS: Final = {
    "checkpoint": QT_TRANSLATE_NOOP("models", "Model"),
    "lora": QT_TRANSLATE_NOOP("models", "LoRA"),
    "embedding": QT_TRANSLATE_NOOP("models", "Learnt word"),
    "vae": QT_TRANSLATE_NOOP("models", "VAE"),
    "eraser": QT_TRANSLATE_NOOP("models", "Erase model"),
    "controlnet": QT_TRANSLATE_NOOP("models", "ControlNet"),
    "adapter": QT_TRANSLATE_NOOP("models", "T2I-Adapter"),
    "ip-adapter": QT_TRANSLATE_NOOP("models", "IP-Adapter"),
    "upscaler": QT_TRANSLATE_NOOP("models", "Upscaler"),
    "unet": QT_TRANSLATE_NOOP("models", "UNet alone"),
    "text-encoder": QT_TRANSLATE_NOOP("models", "Text encoder"),
    "image-encoder": QT_TRANSLATE_NOOP("models", "Image encoder"),
    "preview": QT_TRANSLATE_NOOP("models", "Preview decoder"),
    "safety-checker": QT_TRANSLATE_NOOP("models", "Safety checker"),
    "pickle": QT_TRANSLATE_NOOP("models", "Pickle file"),
    "gguf": QT_TRANSLATE_NOOP("models", "GGUF file"),
    "folder": QT_TRANSLATE_NOOP("models", "Folder"),
    "unknown": QT_TRANSLATE_NOOP("models", "Unknown"),
}

FAMILIES: Final = {
    "sd1": "SD 1.x",
    "sd2": "SD 2.x",
    "sdxl": "SDXL",
    "sdxl-refiner": "SDXL refiner",
    "sd3": "SD 3",
    "flux": "Flux",
    "lama": "LaMa",
    "mat": QT_TRANSLATE_NOOP("models", "MAT, not for commercial use"),
    "small": QT_TRANSLATE_NOOP("models", "small"),
}
"""Families by what people call them; one that is not known has no name."""

ROOM: Final = {
    "easy": QT_TRANSLATE_NOOP("models", "Runs on this machine: it needs about {needed} of {there} of memory."),
    "tight": QT_TRANSLATE_NOOP(
        "models", "Runs on this machine, but it is tight: it needs about {needed} of {there} of memory."
    ),
    "large": QT_TRANSLATE_NOOP(
        "models", "Too large for this machine: it needs about {needed} of memory, and there is {there}."
    ),
    "unknown": QT_TRANSLATE_NOOP("models", "Whether it runs on this machine is not known."),
}


def translated(text: str) -> str:
    """A text of these tables in the person's language."""
    return QCoreApplication.translate("models", text)


def kind_text(entry: ModelEntry) -> str:
    """Kind and family, such as “LoRA · SDXL”, whether it is for inpainting, and what it is used without."""
    parts = [translated(KINDS.get(entry.kind, KINDS["unknown"])), translated(FAMILIES.get(entry.family, ""))]
    if entry.info is not None and entry.info.inpainting:
        parts.append(translated(QT_TRANSLATE_NOOP("models", "inpainting")))
    if "without" in entry.params and not entry.fault:
        parts.append(translated(QT_TRANSLATE_NOOP("models", "without {part}")).format(part=entry.params["without"]))
    return " · ".join(part for part in parts if part)


def size_text(size: int) -> str:
    """Bytes as a person reads them."""
    for unit, power in (("GB", 9), ("MB", 6)):
        if size >= 10**power:
            return f"{size / 10**power:.1f} {unit}"
    return f"{size / 1000:.0f} kB"


def room_text(room: Room) -> str:
    """Whether a model runs on this machine."""
    return translated(ROOM[room.verdict]).format(needed=size_text(room.needed), there=size_text(room.there))


def fault_text(entry: ModelEntry) -> str:
    """Why a file cannot be used; empty where it can."""
    return error_text(entry.fault, entry.params) if entry.fault else ""
