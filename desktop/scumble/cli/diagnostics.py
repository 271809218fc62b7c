"""`scumble diagnostics`: what a report of a problem should hold. Starts no engine and imports no library."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from scumble import __version__
from scumble.api import API_VERSION
from scumble.cli.report import reported
from scumble.plugins import Catalogue
from scumble.settings.paths import standard_paths

LIBRARIES: Final = ("PySide6-Essentials", "numpy", "opencv-python-headless", "torch", "diffusers", "transformers")
"""Those whose versions matter most."""


@reported
def main(arguments: Sequence[str]) -> int:
    """Prints versions, devices and folders; returns the exit code."""
    argparse.ArgumentParser(
        prog="scumble diagnostics",
        description="Prints versions, devices and folders, for a report.",
        allow_abbrev=False,
    ).parse_args(arguments)
    for name, value in _facts():
        print(f"{name + ':':<24} {value}")
    return 0


def _facts() -> Iterator[tuple[str, object]]:
    paths = standard_paths()
    yield "Scumble", f"{__version__} (plugin interface {API_VERSION})"
    yield "Python", f"{platform.python_version()} in {sys.prefix}"
    yield "System", platform.platform()
    yield "Processor", f"{platform.machine()}, {os.cpu_count()} cores"
    for name in LIBRARIES:
        yield name, _version(name)
    yield "CUDA in torch", "yes" if _torch_has("cuda") else "no"
    yield "Data", paths.data
    yield "Configuration", paths.config
    yield "Cache", paths.cache
    for plugin in Catalogue(paths.plugins).plugins:
        state = plugin.fault or ("on" if plugin.enabled else "off")
        yield f"Plugin {plugin.id}", f"{plugin.version} ({plugin.origin}), {state}"


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _torch_has(kind: str) -> bool:
    """Whether torch's files hold the libraries of a kind of device; it is not imported, which would take seconds."""
    spec = importlib.util.find_spec("torch")
    places = spec.submodule_search_locations if spec else None
    return any(True for place in places or () for _ in Path(place, "lib").glob(f"*torch_{kind}*"))
