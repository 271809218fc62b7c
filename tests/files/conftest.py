"""Documents to write and a comparison that overlooks nothing but ids."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from scumble.document import SELECTION, Document, Group, Layer, PaintLayer, Snapshot, TileMap


def _same_tiles(one: TileMap, other: TileMap) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[at].pixels, other[at].pixels) for at in one)


def _same_recipes(one: PaintLayer, other: PaintLayer) -> None:
    if one.recipe is None or other.recipe is None:
        assert one.recipe is other.recipe
        return
    for name in type(one.recipe).__slots__:
        before, after = getattr(one.recipe, name), getattr(other.recipe, name)
        if isinstance(before, np.ndarray):
            assert before.dtype == after.dtype
            assert np.array_equal(before, after)
        elif name == "inputs":
            assert before.keys() == after.keys()
            assert all(np.array_equal(pixels, after[given]) for given, pixels in before.items())
        else:
            assert before == after


def _same_layers(one: Snapshot, layers: tuple[Layer, ...], other: Snapshot, found: tuple[Layer, ...]) -> None:
    assert len(layers) == len(found)
    for before, after in zip(layers, found, strict=True):
        assert type(before) is type(after)
        for name in ("name", "visible", "opacity", "mode", "locked", "mask_enabled", "clip"):
            assert getattr(before, name) == getattr(after, name), name
        assert (before.id == one.active) == (after.id == other.active)
        assert (before.mask is None) == (after.mask is None)
        if before.mask is not None and after.mask is not None:
            assert _same_tiles(one.planes[before.mask], other.planes[after.mask])
        if isinstance(before, Group) and isinstance(after, Group):
            assert before.isolated == after.isolated
            _same_layers(one, before.children, other, after.children)
        if isinstance(before, PaintLayer) and isinstance(after, PaintLayer):
            assert _same_tiles(one.planes[before.surface], other.planes[after.surface])
            _same_recipes(before, after)
            assert before.alpha_locked == after.alpha_locked


@pytest.fixture(scope="session")
def assert_same() -> Callable[[Document | Snapshot, Document | Snapshot], None]:
    """Asserts that two documents hold the same: every pixel, mask, setting and recipe."""

    def compare(before: Document | Snapshot, after: Document | Snapshot) -> None:
        one, other = (item.snapshot() if isinstance(item, Document) else item for item in (before, after))
        assert one.format == other.format
        for name in ("width", "height", "icc", "dpi"):
            assert getattr(one.structure, name) == getattr(other.structure, name), name
        _same_layers(one, one.structure.layers, other, other.structure.layers)
        assert _same_tiles(one.planes[SELECTION], other.planes[SELECTION])
        kept, found = one.structure.selections, other.structure.selections
        assert [(each.name, each.region) for each in kept] == [(each.name, each.region) for each in found]
        for selection, again in zip(kept, found, strict=True):
            assert _same_tiles(one.planes[selection.surface], other.planes[again.surface])

    return compare


@pytest.fixture(scope="session")
def make_zip() -> Callable[[Path, Mapping[str, bytes]], Path]:
    """Writes an archive with the given entries, in order."""

    def write(path: Path, entries: Mapping[str, bytes]) -> Path:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, data in entries.items():
                archive.writestr(name, data)
        path.write_bytes(out.getvalue())
        return path

    return write


def _needs(*programs: str) -> None:
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@pytest.fixture(scope="session")
def krita(
    tmp_path_factory: pytest.TempPathFactory, x_server: Callable[[str], AbstractContextManager[str]]
) -> Iterator[Callable[[Path, Path], None]]:
    """Has Krita write a file in another format, on a display of its own. Skips where it is not installed."""
    _needs("krita")
    home = tmp_path_factory.mktemp("krita")

    def export(source: Path, target: Path) -> None:
        command = ["krita", str(source), "--export", "--export-filename", str(target)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert target.exists(), done.stderr

    with x_server("800x600") as display:
        rooms = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
        environment = {"DISPLAY": display, "PATH": os.environ["PATH"], **rooms}
        yield export


@pytest.fixture(scope="session")
def gimp(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], None]:
    """Has GIMP run a script without a window. Skips where it is not installed."""
    _needs("gimp-console")
    home = tmp_path_factory.mktemp("gimp")

    def run(script: str) -> None:
        file = home / "script.scm"
        file.write_text(script)
        command = ["gimp-console", "-n", "-i", "-b", f'(load "{file}")', "-b", "(gimp-quit 0)"]
        environment = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "PATH": os.environ["PATH"]}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
        assert "executed successfully" in done.stdout + done.stderr

    return run
