"""Plugins made of text, written into folders the way an installer leaves them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

MANIFEST = """\
manifest = 1
[plugin]
id = "{id}"
title = "{title}"
runtime = "{package}.runtime"
[[tools]]
id = "{tool}"
title = "{title}"
inputs = [{{ name = "image", kind = "canvas" }}]
[tools.params.strength]
type = "number"
title = "Strength"
default = 0.5
minimum = 0
maximum = 1
"""

Maker = Callable[..., Path]


def manifest_text(id: str = "org.example.glow", tool: str = "glow", package: str = "scumble_glow") -> str:
    return MANIFEST.format(id=id, tool=tool, package=package, title=tool.title())


@pytest.fixture
def plugins_folder(tmp_path: Path) -> Path:
    return tmp_path / "plugins"


@pytest.fixture
def put_plugin(plugins_folder: Path) -> Maker:
    """Writes an installed plugin; its module fails when it is imported."""

    def put(
        id: str = "org.example.glow",
        tool: str = "glow",
        package: str = "scumble_glow",
        version: str = "1.0",
        manifest: str | None = None,
        entry_points: str | None = None,
    ) -> Path:
        folder = plugins_folder / id / version
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").write_text("raise SystemExit('imported')\n")
        (folder / package / "scumble.toml").write_text(
            manifest_text(id, tool, package) if manifest is None else manifest
        )
        info = folder / f"{package}-{version}.dist-info"
        info.mkdir()
        info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
        lines = f"[scumble.plugins]\n{tool} = {package}\n" if entry_points is None else entry_points
        info.joinpath("entry_points.txt").write_text(lines)
        (plugins_folder / id / "current").write_text(version)
        return folder

    return put
