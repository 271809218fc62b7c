"""Plugins made of text, written into folders the way an installer leaves them."""

from __future__ import annotations

import zipfile
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


@pytest.fixture
def make_wheel(tmp_path: Path) -> Maker:
    """Writes a wheel by hand, so that it can hold what no honest tool would put into one."""

    def make(
        name: str = "scumble_glow",
        version: str = "1.0",
        *,
        manifest: str | None = "",
        entry_points: str = "[scumble.plugins]\nglow = scumble_glow\n",
        requires: tuple[str, ...] = (),
        python: str = ">=3.11",
        extra: dict[str, bytes] | None = None,
        tag: str = "py3-none-any",
        inside: str = "",
        folder: Path | None = None,
    ) -> Path:
        info = f"{name}-{version}.dist-info"
        known = f"Name: {name}\nVersion: {version}\n"
        metadata = f"Metadata-Version: 2.1\n{inside or known}Requires-Python: {python}\n"
        files = {
            f"{name}/__init__.py": b"raise SystemExit('imported')\n",
            **(extra or {}),
            f"{info}/METADATA": (metadata + "".join(f"Requires-Dist: {line}\n" for line in requires)).encode(),
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
        }
        if manifest is not None:
            files[f"{name}/scumble.toml"] = (manifest or manifest_text()).encode()
        if entry_points:
            files[f"{info}/entry_points.txt"] = entry_points.encode()
        record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
        home = folder or tmp_path / "dist"
        home.mkdir(exist_ok=True)
        wheel = home / f"{name}-{version}-{tag}.whl"
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, data in {**files, f"{info}/RECORD": record.encode()}.items():
                archive.writestr(path, data)
        return wheel

    return make
