"""A home of its own for every test, pictures, and a stranger's plugins."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

COMMUNITY = Path(__file__).parents[1] / "community_plugin"

Run = Callable[..., subprocess.CompletedProcess[str]]

PROJECT = """\
[project]
name = "scumble-odd"
version = "1.0"
[project.entry-points."scumble.plugins"]
odd = "scumble_odd"
"""
MANIFEST = """\
manifest = 1
[plugin]
id = "org.example.odd"
title = "Odd"
runtime = "scumble_odd.runtime"
[[tools]]
id = "odd"
title = "Odd"
model = false
[tools.params.prompt]
type = "prompt"
title = "Prompt"
default = ""
[tools.params.width]
type = "size"
title = "Width"
default = 64
[tools.params.height]
type = "size"
title = "Height"
default = 64
[tools.params.seed]
type = "seed"
title = "Seed"
default = -1
[tools.params.inverted]
type = "boolean"
title = "Inverted"
default = false
[tools.params.count]
type = "integer"
title = "Count"
default = 1
minimum = 1
maximum = 4
"""
RUNTIME = """\
import time
import numpy as np
from scumble.api import Candidate, ToolResult, hookimpl

@hookimpl
def scumble_run_tool(tool, job, context):
{body}
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCUMBLE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a picture and a mask of the same size."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    rows, columns = np.mgrid[0:90, 0:120]
    picture = np.stack([columns * 2, rows * 2, (rows * columns) // 50], -1).astype(np.uint8)
    Image.fromarray(picture).save("picture.png")
    mask = np.zeros((90, 120), np.uint8)
    mask[30:60, 40:80] = 255
    Image.fromarray(mask).save("mask.png")
    Image.fromarray(mask * 0).save("empty.png")
    Image.fromarray(mask[:50]).save("small.png")
    return folder


@pytest.fixture(scope="session")
def glow_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stranger's wheel, built as a stranger builds it, without a network."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(COMMUNITY)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture
def scumble() -> Run:
    """The command in a process of its own."""

    def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "scumble", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", check=False, env=os.environ, **options
        )

    return run


@pytest.fixture
def odd_plugin(tmp_path: Path) -> Callable[[str], Path]:
    """A working folder with a plugin whose hook has that body."""

    def make(body: str) -> Path:
        package = tmp_path / "odd" / "scumble_odd"
        package.mkdir(parents=True)
        package.joinpath("__init__.py").write_text("")
        package.joinpath("scumble.toml").write_text(MANIFEST)
        indented = "".join(f"    {line}\n" for line in body.strip().splitlines())
        package.joinpath("runtime.py").write_text(RUNTIME.format(body=indented))
        package.parent.joinpath("pyproject.toml").write_text(PROJECT)
        return package.parent

    return make
