"""The folders of other programs: which of theirs hold models, and where the Hugging Face cache keeps the latest.

Whether something is there is asked of `os.path`, to which a folder that may not be looked into is nothing; `pathlib`
raises.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Tree:
    """A program, by what lies in its folder, and the folders in there that hold models."""

    program: str
    marks: tuple[str, ...]
    folders: tuple[str, ...]


TREES: Final = (
    Tree("ComfyUI", ("comfy", "custom_nodes"), ("models",)),
    Tree("ComfyUI", ("checkpoints", "loras"), (".",)),
    Tree("A1111", ("webui.py",), ("models", "embeddings")),
    Tree("A1111", ("models/Stable-diffusion",), ("models", "embeddings")),
    Tree("A1111", ("Stable-diffusion", "Lora"), (".",)),
    Tree("InvokeAI", ("invokeai.yaml",), ("models", "autoimport")),
)
"""A folder is that of the first program all of whose marks lie in it."""

HUB: Final = "Hugging Face"


def program_of(root: Path) -> str:
    """Whose folder it is; empty where it is nobody's in particular."""
    if _hub(root) is not None:
        return HUB
    tree = _tree(root)
    return tree.program if tree is not None else ""


def model_folders(root: Path) -> tuple[Path, ...]:
    """Where models lie in a folder: in those of its program that hold them, or all of it."""
    hub = _hub(root)
    if hub is not None:
        return tuple(filter(None, map(_latest, sorted(hub.glob("models--*")))))
    tree = _tree(root)
    if tree is None:
        return (root,)
    return tuple(root / folder for folder in tree.folders if os.path.isdir(root / folder))


def name_of(path: Path) -> str:
    """What a model is called: the name of its folder or file; in the Hugging Face cache that of its repository."""
    if path.parent.name == "snapshots":
        return path.parent.parent.name.removeprefix("models--").replace("--", "-")
    return path.name if os.path.isdir(path) else path.stem


def _tree(root: Path) -> Tree | None:
    return next((tree for tree in TREES if all(os.path.exists(root / mark) for mark in tree.marks)), None)


def _hub(root: Path) -> Path | None:
    """The cache's folder of repositories, if `root` is it or holds it."""
    places = (path for path in (root, root / "hub") if os.path.isdir(path))
    return next((path for path in places if next(path.glob("models--*"), None) is not None), None)


def _latest(repository: Path) -> Path | None:
    """The snapshot that the repository's main branch is at, or else any."""
    try:
        revision = (repository / "refs" / "main").read_text("ascii", "replace").strip()[:64]
    except OSError:
        revision = ""
    snapshots = repository / "snapshots"
    if revision and Path(revision).name == revision and os.path.isdir(snapshots / revision):
        return snapshots / revision
    return next((path for path in sorted(snapshots.glob("*")) if os.path.isdir(path)), None)
